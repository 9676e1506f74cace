"""The connections of open windows: parts of the page, and live images."""
