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

    short = client.chat.completions.create(model="footnote", messages=asked, max_completion_tokens=1)
    check(short.choices[0].finish_reason == "length", f"cut, the answer is {short}")

    narrowed = client.chat.completions.create(
        model="footnote", messages=asked, extra_body={"footnote": {"filter": {"id": "bread"}, "top_k": 1}}
    )
    check(EVIDENCE not in narrowed.choices[0].message.content, "a filter lets through what it should not")


def responses(client):
    tools = [{"type": "file_search", "vector_store_ids": ["default"], "max_num_results": 2}]
    asked = {"model": "footnote", "input": QUESTION, "tools": tools, "include": ["file_search_call.results"]}
    response = client.responses.create(**asked)
    check(EVIDENCE in response.output_text and response.status == "completed", f"the response is {response}")
    search, message = response.output
    check(search.results[0].file_id == "fed" and search.queries == [QUESTION], f"the search is {search}")
    content = message.content[0]
    file, url = content.annotations[:2]
    check(file.type == "file_citation" and file.file_id == "fed", f"the first annotation is {file}")
    check(content.text[url.start_index : url.end_index] == "[1]", f"the second annotation is {url}")

    said, kinds = "", []
    for number, event in enumerate(client.responses.create(**asked, stream=True)):
        check(event.sequence_number == number, f"event {number} is {event}")
        kinds.append(event.type)
        said += event.delta if event.type == "response.output_text.delta" else ""
    check(said == response.output_text, f"streamed, the response is {said}")
    check(kinds[0] == "response.created" and kinds[-1] == "response.completed", f"the events are {kinds}")
    # It builds the whole response from the events, and fails on one that does not fit those before.
    with client.responses.stream(**asked) as stream:
        for _ in stream:
            pass
        final = stream.get_final_response()
    check(final.output_text == response.output_text, f"from the events, the response is {final}")

    talk = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": response.output_text},
        {"role": "user", "content": "When does the bakery open?"},
    ]
    check("七點" in client.responses.create(model="footnote", input=talk).output_text, "the conversation is not followed")


def refusals(client):
    asked = [{"role": "user", "content": QUESTION}]
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]
    chat, respond = client.chat.completions.create, client.responses.create
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    for name, call in {
        "response_format": lambda: chat(model="footnote", messages=asked, response_format=schema),
        "tool_choice": lambda: chat(model="footnote", messages=asked, tool_choice="required"),
        "logprobs": lambda: chat(model="footnote", messages=asked, logprobs=True),
        "`n`": lambda: chat(model="footnote", messages=asked, n=2),
        "image_url": lambda: chat(model="footnote", messages=image),
        "previous_response_id": lambda: respond(model="footnote", input="?", previous_response_id="resp_1"),
        "text.format": lambda: respond(model="footnote", input="?", text={"format": {"type": "json_object"}}),
        "web_search": lambda: respond(model="footnote", input="?", tools=[{"type": "web_search"}]),
    }.items():
        try:
            call()
        except openai.BadRequestError as error:
            check(name in error.message and error.type == "invalid_request_error", f"{name}: the error is {error}")
        else:
            sys.exit(f"openai_client.py: {name} was not refused")
    try:
        client.responses.retrieve("resp_1")
    except openai.NotFoundError as error:
        check("/v1/responses/resp_1" in error.message, f"the error is {error}")
    # Tools that need not be called are no reason to refuse.
    function = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    check(EVIDENCE in chat(model="footnote", messages=asked, tools=[function]).choices[0].message.content, "with a tool")


def models(client):
    ids = [model.id for model in client.models.list()]
    check("footnote" in ids and "footnote:passages" in ids, f"the models are {ids}")
    check(all(name.startswith("footnote") and "e5" not in name for name in ids), f"the models are {ids}")
    check(client.models.retrieve("footnote").owned_by == "footnote", "the model is somebody else's")
    embedding = client.get("/embeddings/models", cast_to=object)["data"][0]["id"]
    check(client.models.retrieve(embedding).id == embedding, f"no model {embedding}")
    return embedding


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
    check([store.id for store in client.vector_stores.list()] == ["default"], "the stores are others")
    check(client.vector_stores.retrieve("default").file_counts.completed == 2, "the store has other files")
    files = [file.id for file in client.vector_stores.files.list("default", order="asc", limit=1)]
    check(files == ["fed", "bread"], f"page by page, the files are {files}")
    [text] = client.vector_stores.files.content("fed", vector_store_id="default")
    check(EVIDENCE in text.text, f"the file is {text}")
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
    responding = ChatOpenAI(model="footnote", base_url=url, api_key=key, use_responses_api=True)
    message = responding.invoke(QUESTION)
    check(EVIDENCE in message.text, f"LangChain's response is {message}")
    try:
        model.with_structured_output({"title": "X", "type": "object", "properties": {}}, method="json_schema").invoke("?")
    except openai.BadRequestError as error:
        check("response_format" in str(error), f"LangChain's structured output: {error}")
    else:
        sys.exit("openai_client.py: LangChain got structured output")
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
    responses(client)
    refusals(client)
    embedding_model = models(client)
    embeddings(client, embedding_model)
    vector_store(client)
    errors(client)
    langchain(url, key, embedding_model)
    print(f"openai {openai.__version__} and LangChain: chat, responses, streams, models, embeddings, vector stores, errors")


main()
