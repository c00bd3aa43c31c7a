"""Talks MCP to footnote through the official Python SDK, over standard input and output and over HTTP.

Usage: mcp_client.py PROGRAM [URL]

PROGRAM is the footnote binary; `PROGRAM mcp` is started with the FOOTNOTE_* variables of the environment. URL is that of
a running `footnote serve`, such as http://127.0.0.1:8642. Both have to hold a document that says who expects the Fed to
cut in 2026. Ends with status 1 and a message that says what is wrong if anything is.
"""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

from mcp import ClientSession, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

QUESTION = "who expects the Fed to cut in 2026"
TOOLS = ["ask", "search", "fetch", "check", "list_documents"]
TIMEOUT_SECONDS = 120


def check(condition, message):
    if not condition:
        raise AssertionError(message)


@asynccontextmanager
async def connected(transport, newest):
    """A session that has found out what it talks to: by `server/discover` as of 2026-07-28, or by `initialize`."""
    async with transport as (read, write), ClientSession(read, write, read_timeout_seconds=TIMEOUT_SECONDS) as session:
        await (session.discover() if newest else session.initialize())
        check(session.protocol_version == ("2026-07-28" if newest else "2025-11-25"), session.protocol_version)
        yield session


async def call(session, name, arguments):
    """A tool's result, which is held against its output schema and has to be the same in both forms."""
    result = await session.call_tool(name, arguments)
    check(not result.is_error, f"{name} {arguments}: {result.content}")
    await session.validate_tool_result(name, result)
    text = json.loads(result.content[-1].text)
    check(text == result.structured_content, f"{name}: the text is not the structured content: {text}")
    return result


async def tools(session, url):
    check(session.server_info.name == "footnote", session.server_info)
    check("cite" in session.instructions, session.instructions)
    listed = (await session.list_tools()).tools
    check([tool.name for tool in listed] == TOOLS, listed)
    for tool in listed:
        hints = tool.annotations
        check(hints.read_only_hint and hints.idempotent_hint and not hints.open_world_hint, f"{tool.name}: {hints}")

    asked = await call(session, "ask", {"question": QUESTION, "top_k": 3})
    answer = asked.structured_content
    check(answer["answerable"] and "[1]" in answer["answer"], answer)
    check(answer["answer"] in asked.content[0].text, f"the answer is not in the text: {asked.content[0].text}")
    for citation in answer["citations"]:
        fetched = (await call(session, "fetch", {"id": citation["document"]["id"]})).structured_content
        start, end = citation["span"]["bytes"]
        quote = fetched["text"].encode()[start:end].decode()
        check(quote == citation["quote"], f"{citation['quote']!r} is not what the text has there: {quote!r}")
        check(citation["url"].startswith(url or "footnote://"), citation["url"])

    found = (await call(session, "search", {"query": QUESTION})).structured_content["results"]
    check(found and all(hit["id"] and hit["title"] and hit["url"] for hit in found), found)
    for hit in found:
        fetched = (await call(session, "fetch", {"id": hit["id"]})).structured_content
        check(set(fetched) == {"id", "title", "text", "url", "metadata"}, fetched.keys())
        check((fetched["id"], fetched["title"]) == (hit["id"], hit["title"]), fetched)

    checked = (await call(session, "check", {"text": answer["answer"]})).structured_content
    check(checked["supported"] and checked["sentences"], checked)

    ids, after = [], {}
    while after is not None:
        page = (await call(session, "list_documents", {"limit": 1, **after})).structured_content
        ids += [document["id"] for document in page["documents"]]
        after = {"after": page["next"]} if page["next"] else None
    check({hit["id"] for hit in found} <= set(ids), ids)

    refused = await session.call_tool("ask", {"question": ""})
    check(refused.is_error and "What to do" in refused.content[0].text, refused)


async def resources(session):
    listed = (await session.list_resources()).resources
    check(listed, "no document is a resource")
    for resource in listed:
        [contents] = (await session.read_resource(str(resource.uri))).contents
        check(len(contents.text.encode()) == resource.size, f"{resource.uri}: {len(contents.text)} is not its size")
        check(contents.mime_type == resource.mime_type, contents.mime_type)
    templates = (await session.list_resource_templates()).resource_templates
    check([template.uri_template for template in templates] == ["footnote://{collection}/{id}"], templates)
    try:
        await session.read_resource("footnote://default/none")
    except MCPError as error:
        check(error.code in (-32002, -32602), error)
    else:
        raise AssertionError("a resource that there is not was read")


async def exercise(name, transport, url=None):
    for newest in (False, True):
        async with connected(transport(), newest) as session:
            await tools(session, url)
            await resources(session)
            print(f"{name}, {session.protocol_version}: as expected")


async def main(program, url=None):
    settings = {name: value for name, value in os.environ.items() if name.startswith("FOOTNOTE_")}
    server = StdioServerParameters(command=program, args=["mcp"], env=settings)
    await exercise("standard input and output", lambda: stdio_client(server))
    if url is not None:
        url = url.rstrip("/")
        await exercise("streamable HTTP", lambda: streamable_http_client(f"{url}/mcp"), url)
        clients = (call_once(url) for _ in range(4))
        await asyncio.gather(*clients)
        print("streamable HTTP, four clients at once: as expected")


async def call_once(url):
    async with connected(streamable_http_client(f"{url}/mcp"), newest=True) as session:
        await call(session, "ask", {"question": QUESTION})


def causes(error):
    """What went wrong, without the groups that asynchronous code wraps it in."""
    if isinstance(error, BaseExceptionGroup):
        return [cause for inner in error.exceptions for cause in causes(inner)]
    return [f"{type(error).__name__}: {error}"]


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        asyncio.run(main(*sys.argv[1:]))
    except Exception as error:
        sys.exit("mcp_client: " + "; ".join(causes(error)))
