"""A mail server that prints each e-mail as it came, as one line of JSON. Its port is the first argument."""

import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP


class Printing:
    async def handle_DATA(self, server, session, envelope):
        content = envelope.original_content.decode("ascii")
        print(json.dumps({"to": envelope.rcpt_tos, "from": envelope.mail_from, "content": content}), flush=True)
        return "250 taken"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Printing()), "127.0.0.1", int(sys.argv[1]))
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


asyncio.run(main())
