"""Address templates of common makers: where their cameras send video in the local network."""

from dataclasses import dataclass

HOST = "{host}"


@dataclass(frozen=True)
class AddressTemplate:
    """The addresses of the cameras of one maker, as their manuals give them.

    Attributes:
        maker: Name of the maker, or of its line of cameras.
        main: Address of the sharpest stream; `{host}` stands for the host.
        sub: Address of the lighter stream; empty where there is none.
    """

    maker: str
    main: str
    sub: str = ""


TEMPLATES = (
    AddressTemplate("Axis", "rtsp://{host}/axis-media/media.amp"),
    AddressTemplate(
        "Dahua, Amcrest, Imou",
        "rtsp://{host}:554/cam/realmonitor?channel=1&subtype=0",
        "rtsp://{host}:554/cam/realmonitor?channel=1&subtype=1",
    ),
    AddressTemplate("ESP32-CAM", "http://{host}:81/stream"),
    AddressTemplate("Foscam", "rtsp://{host}:554/videoMain", "rtsp://{host}:554/videoSub"),
    AddressTemplate(
        "Hanwha (Wisenet)",
        "rtsp://{host}:554/profile2/media.smp",
        "rtsp://{host}:554/profile3/media.smp",
    ),
    AddressTemplate(
        "Hikvision, HiLook",
        "rtsp://{host}:554/Streaming/Channels/101",
        "rtsp://{host}:554/Streaming/Channels/102",
    ),
    AddressTemplate(
        "Reolink",
        "rtsp://{host}:554/h264Preview_01_main",
        "rtsp://{host}:554/h264Preview_01_sub",
    ),
    AddressTemplate(
        "TP-Link (Tapo, VIGI)", "rtsp://{host}:554/stream1", "rtsp://{host}:554/stream2"
    ),
    AddressTemplate("Uniview", "rtsp://{host}:554/media/video1", "rtsp://{host}:554/media/video2"),
    AddressTemplate("Vivotek", "rtsp://{host}:554/live.sdp", "rtsp://{host}:554/live2.sdp"),
)
