"""Talks to a running server through the official OpenAI client and through LangChain's classes over it.

Usage: openai_client.py URL KEY

The server holds a document `fed` about the Fed and a document `bread` about bread. Exits with 1 and a message if
anything is not as a client expects it.
"""

import sys

import openai
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

QUESTION = "who expects the Fed to cut in 2026"
EVIDENCE = "降息三次"


def check(condition, message):
    if not condition:
        sys.exit(f"openai_client.py: {message}")


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def chat(client):
    asked = [{"role": "user", "content": QUESTION}]
    completion = client.chat.completions.create(model="footnote", messages=asked)
    message = completion.choices[0].message
    check(EVIDENCE in message.content, f"the answer is {message.content}")
    citation = message.annotations[0].url_citation
    mark = message.content[citation.start_index : citation.end_index]
    check(mark == "[1]", f"the annotation is at {mark!r}")
    check("/documents/fed?" in citation.url and citation.title, f"the annotation is {citation}")
    check(completion.usage.total_tokens > 0, "there is no usage")

    said, marks, last = "", [], None
    stream = client.chat.completions.create(
        model="footnote", messages=asked, stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        last = chunk
        for choice in chunk.choices:
            said += choice.delta.content or ""
            marks += getattr(choice.delta, "annotations", None) or []
    check(said == message.content, f"streamed, the answer is {said}")
    check(marks and marks[0]["url_citation"]["url"] == citation.url, f"streamed, the annotations are {marks}")
    check(last.usage.total_tokens == completion.usage.total_tokens, "streamed, the usage is another")

    narrowed = client.chat.completions.create(
        model="footnote", messages=asked, extra_body={"footnote": {"filter": {"id": "bread"}, "top_k": 1}}
    )
    check(EVIDENCE not in narrowed.choices[0].message.content, "a filter lets through what it should not")


def models(client):
    ids = [model.id for model in client.models.list()]
    check("footnote" in ids and "footnote:passages" in ids, f"the models are {ids}")
    check(client.models.retrieve("footnote").owned_by == "footnote", "the model is somebody else's")
    answers = ("footnote:", "footnote/")
    return next(name for name in ids if name != "footnote" and not name.startswith(answers) and not name.endswith(":query"))


def embeddings(client, model):
    texts = ["聯準會降息", "麵包很香"]
    # The client asks for Base64 unless it is told otherwise.
    packed = client.embeddings.create(model=model, input=texts)
    plain = client.embeddings.create(model=model, input=texts, encoding_format="float")
    for one, other in zip(packed.data, plain.data, strict=True):
        check(dot(one.embedding, other.embedding) > 0.9999, "Base64 and floats are not the same vector")
    question = client.embeddings.create(model=model + ":query", input="Did the Fed cut?").data[0].embedding
    fed, bread = (dot(question, passage.embedding) for passage in plain.data)
    check(fed > bread, "a question is nearer to another passage than to its own")


def vector_store(client):
    found = client.vector_stores.search(vector_store_id="default", query=QUESTION, max_num_results=1)
    best = found.data[0]
    check(best.file_id == "fed" and EVIDENCE in best.content[0].text, f"the best result is {best}")
    check(0 <= best.score <= 1 and best.attributes["language"] == "zh-Hant", f"the best result is {best}")
    filters = {"type": "and", "filters": [{"key": "id", "type": "ne", "value": "fed"}]}
    others = client.vector_stores.search(vector_store_id="default", query=QUESTION, filters=filters)
    check([result.file_id for result in others.data] == ["bread"], "a filter is not kept to")


def errors(client):
    try:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "who?"}])
    except openai.NotFoundError as error:
        check("GET /v1/models" in error.message and error.code == "not_found", f"the error is {error}")
    else:
        sys.exit("openai_client.py: a model that is not there was found")
    try:
        openai.OpenAI(base_url=client.base_url, api_key="fn-00", max_retries=0).models.list()
    except openai.AuthenticationError as error:
        check(error.code == "invalid_api_key", f"the error is {error}")
    else:
        sys.exit("openai_client.py: an unknown key was let in")


def langchain(url, key, embedding_model):
    model = ChatOpenAI(model="footnote", base_url=url, api_key=key)
    check(EVIDENCE in model.invoke(QUESTION).content, "LangChain's answer lacks the evidence")
    streamed = "".join(chunk.content for chunk in model.stream(QUESTION))
    check(EVIDENCE in streamed, f"LangChain's streamed answer is {streamed}")
    # It would send the tokens of a tokenizer of OpenAI's rather than texts.
    embedder = OpenAIEmbeddings(
        model=embedding_model, base_url=url, api_key=key, check_embedding_ctx_length=False
    )
    fed, bread = embedder.embed_documents(["聯準會降息", "麵包很香"])
    asked = embedder.embed_query("聯準會降息了嗎")
    check(dot(asked, fed) > dot(asked, bread), "LangChain's embeddings are not in order")


def main():
    url, key = sys.argv[1] + "/v1", sys.argv[2]
    client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
    chat(client)
    embedding_model = models(client)
    embeddings(client, embedding_model)
    vector_store(client)
    errors(client)
    langchain(url, key, embedding_model)
    print(f"openai {openai.__version__} and LangChain: chat, stream, models, embeddings, vector store, errors")


main()
