"""Network sources: addresses with credentials, HTTP and RTSP answers, motion JPEG."""
