"""Talks to a running server through the official Ollama client, and through LlamaIndex's classes over it.

Usage: ollama_client.py URL KEY

The server holds a document `fed` about the Fed and a document `bread` about bread. Exits with 1 and a message if
anything is not as a client expects it.
"""

import sys

import ollama
from llama_index.core.llms import ChatMessage
from llama_index.embeddings.ollama import OllamaEmbedding
from llama_index.llms.ollama import Ollama

QUESTION = "who expects the Fed to cut in 2026"
EVIDENCE = "降息三次"
EMBEDDER = "footnote-e5-small"


def check(condition, message):
    if not condition:
        sys.exit(f"ollama_client.py: {message}")


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def chat(client):
    asked = [{"role": "user", "content": QUESTION}]
    answer = client.chat(model="footnote", messages=asked)
    check(EVIDENCE in answer.message.content and answer.done_reason == "stop", f"the answer is {answer}")
    pieces = list(client.chat(model="footnote", messages=asked, stream=True))
    streamed = "".join(piece.message.content for piece in pieces)
    check(streamed == answer.message.content, f"streamed, the answer is {streamed}")
    check([piece.done for piece in pieces].count(True) == 1 and pieces[-1].eval_count > 0, f"the end is {pieces[-1]}")
    check(client.generate(model="footnote", prompt=QUESTION).response == streamed, "generated, the answer is another")
    talk = [*asked, {"role": "assistant", "content": streamed}, {"role": "user", "content": "When does the bakery open?"}]
    check("七點" in client.chat(model="footnote", messages=talk).message.content, "the conversation is not followed")
    for refused in ({"format": "json"}, {"messages": [{**asked[0], "images": [b"x"]}]}):
        try:
            client.chat(**{"model": "footnote", "messages": asked, **refused})
        except ollama.ResponseError as error:
            check(error.status_code == 400, f"{list(refused)}: the error is {error}")
        else:
            sys.exit(f"ollama_client.py: {list(refused)} was not refused")


def models(client):
    names = [model.model for model in client.list().models]
    check("footnote:latest" in names and not any("e5" in name for name in names), f"the models are {names}")
    check(client.show("footnote").capabilities == ["completion"], "the model answers nothing")
    check(client.show(EMBEDDER).capabilities == ["embedding"], "the model embeds nothing")
    try:
        client.show("llama3")
    except ollama.ResponseError as error:
        check(error.status_code == 404 and "/api/tags" in error.error, f"the error is {error}")
    else:
        sys.exit("ollama_client.py: a model that is not there was shown")


def embeddings(client):
    fed, bread = client.embed(model=EMBEDDER, input=["聯準會降息", "麵包很香"]).embeddings
    asked = client.embed(model=EMBEDDER + ":query", input="Did the Fed cut?").embeddings[0]
    check(dot(asked, fed) > dot(asked, bread), "a question is nearer to another passage than to its own")
    one = client.embeddings(model=EMBEDDER, prompt="聯準會降息").embedding
    check(dot(one, fed) > 0.9999, "the older form gives another vector")


def llama_index(url, headers):
    client = ollama.Client(host=url, headers=headers)
    llm = Ollama(model="footnote", base_url=url, client=client, request_timeout=60)
    check(EVIDENCE in llm.complete(QUESTION).text, "LlamaIndex's completion lacks the evidence")
    asked = [ChatMessage(role="user", content=QUESTION)]
    check(EVIDENCE in llm.chat(asked).message.content, "LlamaIndex's answer lacks the evidence")
    streamed = "".join(piece.delta for piece in llm.stream_chat(asked))
    check(EVIDENCE in streamed, f"LlamaIndex's streamed answer is {streamed}")
    embedder = OllamaEmbedding(model_name=EMBEDDER, base_url=url, client_kwargs={"headers": headers})
    fed, bread = embedder.get_text_embedding_batch(["聯準會降息", "麵包很香"])
    asked = embedder.get_query_embedding("聯準會降息了嗎")
    check(dot(asked, fed) > dot(asked, bread), "LlamaIndex's embeddings are not in order")


def main():
    url, headers = sys.argv[1], {"Authorization": f"Bearer {sys.argv[2]}"}
    client = ollama.Client(host=url, headers=headers)
    chat(client)
    models(client)
    embeddings(client)
    llama_index(url, headers)
    print("ollama and LlamaIndex: chat, generate, streams, models, embeddings, errors")


main()
