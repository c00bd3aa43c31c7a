"""Talks to a running server as LibreChat does to its retrieval service, rag_api: the requests, headers and tokens of
LibreChat's own code (api/server/services/Files/VectorDB/crud.js, api/app/clients/tools/util/fileSearch.js).

Usage: librechat_client.py URL SECRET
"""

import json
import sys
import time
import urllib.error
import urllib.request
import uuid

import jwt

TEXT = "# 會議紀錄\n\n陸以寧預期聯準會2026年將降息三次。\n\n港務局於五月四日關閉北碼頭。\n"
AGENT = "代理人的手冊：經濟學者預期聯準會明年不降息。\n"
EVIDENCE = "降息三次"


def check(condition, message):
    if not condition:
        sys.exit(f"librechat_client.py: {message}")


class Service:
    def __init__(self, url, secret):
        self.url, self.secret = url, secret

    def send(self, method, path, user, body=None, kind="application/json"):
        """The status and the JSON of a response to a request for a user; without a token if there is no user."""
        headers = {"accept": "application/json"}
        if user:
            now = int(time.time())
            claims = {"id": user, "iat": now, "exp": now + 300}
            headers["Authorization"] = f"Bearer {jwt.encode(claims, self.secret, algorithm='HS256')}"
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def upload(self, path, user, file_id, name, content, **fields):
        boundary = uuid.uuid4().hex
        parts = [f'name="{field}"\r\n\r\n{value}'.encode() for field, value in {"file_id": file_id, **fields}.items()]
        head = f'name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
        parts.append(head + content)
        form = b"".join(f"--{boundary}\r\nContent-Disposition: form-data; ".encode() + part + b"\r\n" for part in parts)
        form += f"--{boundary}--\r\n".encode()
        return self.send("POST", path, user, form, f"multipart/form-data; boundary={boundary}")


def main():
    service = Service(sys.argv[1], sys.argv[2])
    check(service.send("GET", "/health", None) == (200, {"status": "UP"}), "it is not up")

    own, agents = str(uuid.uuid4()), str(uuid.uuid4())
    storage = json.dumps({"bucket": "b"})
    status, added = service.upload("/embed", "u1", own, "notes.md", TEXT.encode(), storage_metadata=storage)
    check(status == 200 and added["status"] and added["known_type"] and added["file_id"] == own, f"{status} {added}")
    status, added = service.upload("/embed", "u1", agents, "agent.md", AGENT.encode(), entity_id="agent_1")
    check(status == 200 and added["status"], f"{status} {added}")

    def query(user, file_id, **more):
        asked = {"file_id": file_id, "query": "who expects the Fed to cut?", "k": 5, **more}
        status, found = service.send("POST", "/query", user, asked)
        check(status == 200, f"{status} {found}")
        return found

    [passage, distance] = query("u1", own)[0]
    check(EVIDENCE in passage["page_content"] and 0 <= distance <= 1, f"the nearest is {passage} at {distance}")
    check(passage["metadata"]["source"].split("/")[-1] == "notes.md", f"its metadata are {passage['metadata']}")
    check(query("u2", own) == [], "a user reads another's file")
    check(query("u2", agents) == [] and query("u2", agents, entity_id="agent_1"), "an agent's file is not the agent's")
    check(query("u2", own, entity_id="u1") == [], "a user reads another's file by naming that user as the agent")
    multiple = {"file_ids": [own, agents], "query": "who expects the Fed to cut?", "k": 2}
    status, found = service.send("POST", "/query_multiple", "u1", multiple)
    check(status == 200 and len(found) == 2, f"{status} {found}")

    status, context = service.send("GET", f"/documents/{own}/context", "u1")
    check(status == 200 and context == f"notes.md\n{TEXT}".strip(), f"{status} {context!r}")
    status, passages = service.send("GET", f"/documents?ids={own}&ids={agents}", "u1")
    check(status == 200 and EVIDENCE in passages[0]["page_content"], f"{status} {passages}")
    check(set(service.send("GET", "/ids", "u1")[1]) >= {own, agents}, "an id is missing")
    status, read = service.upload("/text", "u1", "x", "page.html", b"<p>Only <b>read</b>.</p><p>Not kept at all, this one.</p>")
    check(status == 200 and "Only read." in read["text"], f"{status} {read}")

    # Whatever another user sends, the file is not there for them.
    check(service.send("GET", f"/documents/{own}/context", "u2")[0] == 404, "a user reads another's file as a whole")
    check(service.send("GET", f"/documents?ids={own}", "u2")[0] == 404, "a user reads another's passages")
    check(not {own, agents} & set(service.send("GET", "/ids", "u2")[1]), "a user sees the ids of another's files")
    check(service.send("POST", "/query_multiple", "u2", multiple) == (200, []), "a user searches another's files")
    check(service.send("DELETE", "/documents", "u2", [own])[0] == 404, "a user deletes another's file")
    check(service.upload("/embed", "u2", own, "notes.md", b"Mine now, and not theirs.")[0] == 400, "a user replaces it")
    check(EVIDENCE in json.dumps(query("u1", own), ensure_ascii=False), "the file is not its user's any more")

    # Uploading a file again replaces it.
    check(service.upload("/embed", "u1", own, "notes.md", "今天沒有降息的消息。".encode())[0] == 200, "it is not replaced")
    check(EVIDENCE not in json.dumps(query("u1", own), ensure_ascii=False), "the replaced file is still found")

    status, refused = service.upload("/embed", "u1", "y", "broken.pdf", b"%PDF-1.7 nothing")
    check(status == 422 and refused["detail"], f"{status} {refused}")
    status, deleted = service.send("DELETE", "/documents", "u1", [own])
    check((status, deleted["message"]) == (200, "Documents for 1 file deleted successfully"), f"{status} {deleted}")
    check(service.send("DELETE", "/documents", "u1", [own])[0] == 404, "a file is deleted twice")
    check(service.send("GET", f"/documents/{own}/context", "u1")[0] == 404 and query("u1", own) == [], "it is still there")

    status, refused = Service(service.url, "another secret").send("GET", "/ids", "u1")
    check(status == 401 and "secret" in refused["detail"], f"{status} {refused}")
    check(service.send("GET", "/ids", None)[0] == 401, "no token is needed")
    print("LibreChat's retrieval service: health, embed, query, context, documents, text, delete, tokens")


main()
