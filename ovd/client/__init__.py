"""Python client of the REST API, for one thread or for asyncio; it loads httpx and nothing of ovd.

```python
with Client("http://127.0.0.1:7860", token="ovd_...") as ovd:
    for camera in ovd.cameras():
        print(camera["name"], camera["state"])
```
"""

from ovd.client.asynchronous import AsyncClient
from ovd.client.calls import ApiError
from ovd.client.synchronous import Client

__all__ = ["ApiError", "AsyncClient", "Client"]
