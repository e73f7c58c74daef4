#!/usr/bin/env python3
"""Prints what arrives for an agent, once and in order: client.py ws://host:port/ws TOKEN"""
import asyncio, json, random, sys
import websockets  # Debian's python3-websockets, or pip's websockets

url, token = sys.argv[1:]
at = {}  # feed -> the last position that was handled

async def session():
    async with websockets.connect(url, subprotocols=["switchboard.v1"]) as socket:
        say = lambda event, data: socket.send(json.dumps({"event": event, "data": data}))
        async for text in socket:
            frame = json.loads(text)
            event, data = frame.get("event"), frame.get("data")
            if "pos" in frame:
                print(frame["to"], frame["id"], json.dumps(frame["response"], ensure_ascii=False), flush=True)
                at[frame["to"]] = frame["pos"]
                await say("ACK", {frame["to"]: frame["pos"]})
            elif event == "CONNECT":
                await say("CONNECT", {"client_token": token, "positions": at})
            elif event == "HEART_BEAT":
                await say("HEART_BEAT", [])
            elif event == "LOST":
                at[data["to"]] = data["through"]
                print("lost:", data, file=sys.stderr)
            elif "code" in frame:
                print("error:", frame["code"], frame["msg"], file=sys.stderr)

async def main():
    while True:
        try:
            await session()
        except websockets.ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code >= 4500:
                sys.exit(f"closed for good: {closed.rcvd.code} {closed.rcvd.reason}")
        except (OSError, websockets.InvalidHandshake):
            pass  # nobody listens, or 503: later
        await asyncio.sleep(random.uniform(0, 2))

asyncio.run(main())
