//! Vector stores as objects, and ranking texts that are given.

use serde_json::{Value, json};

use super::{QUESTION, server};

#[test]
fn collections_and_their_documents_are_listed_as_vector_stores_and_files() {
    let stores = server().get("/v1/vector_stores?order=asc").json();
    let store = &stores["data"].as_array().unwrap().iter().find(|store| store["id"] == "default").unwrap();
    assert_eq!((&store["object"], &store["file_counts"]["completed"]), (&json!("vector_store"), &json!(3)));
    assert_eq!(&server().get("/v1/vector_stores/default").json()["file_counts"], &store["file_counts"]);
    let mut ids = Vec::new();
    let mut page = server().get("/v1/vector_stores/default/files?limit=2&order=asc").json();
    loop {
        ids.extend(page["data"].as_array().unwrap().iter().map(|file| file["id"].as_str().unwrap().to_owned()));
        if page["has_more"] == false {
            break;
        }
        let after = page["last_id"].as_str().unwrap();
        page = server().get(&format!("/v1/vector_stores/default/files?limit=2&order=asc&after={after}")).json();
    }
    assert_eq!(ids, ["fed", "tofu", "linked"]);
    let file = server().get("/v1/vector_stores/default/files/linked").json();
    assert_eq!((&file["object"], &file["attributes"]["year"]), (&json!("vector_store.file"), &json!(2026)));
    assert!(file["created_at"].as_i64().unwrap() > 1_700_000_000);
    let content = server().get("/v1/vector_stores/default/files/linked/content").json();
    assert_eq!(content["data"][0]["text"], "The ferry to Skerry Point sails at noon.");
    for missing in ["none", "none/files", "default/files/none", "default/files/none/content"] {
        let reply = server().get(&format!("/v1/vector_stores/{missing}"));
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (404, &json!("not_found")), "{missing}");
    }
}

#[test]
fn given_texts_are_ranked_across_languages_and_a_long_one_counts_as_its_best_passage() {
    let long = "The bakery opens at seven. ".repeat(200) + "陸以寧預期聯準會2026年將降息三次。";
    let documents = json!(["老街的豆花每天只賣到中午。", {"text": long}, " ", "The ferry sails at noon."]);
    for path in ["/v1/rerank", "/v2/rerank"] {
        let body = json!({"model": "footnote", "query": QUESTION, "documents": documents, "return_documents": true});
        let reply = server().post(path, &body);
        assert_eq!(reply.status, 200, "{}", reply.text);
        let reply = reply.json();
        let results = reply["results"].as_array().unwrap();
        assert_eq!((results.len(), &results[0]["index"]), (4, &json!(1)), "{results:?}");
        assert!(results[0]["document"]["text"].as_str().unwrap().starts_with("The bakery"));
        let scores: Vec<f64> = results.iter().map(|result| result["relevance_score"].as_f64().unwrap()).collect();
        assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]) && scores[0] <= 1.0, "{scores:?}");
        assert!(scores[0] > 2.0 * scores[1], "{scores:?}");
        assert_eq!((results[3]["index"].clone(), scores[3]), (json!(2), 0.0), "a blank text is no answer");
        assert!(reply["usage"]["total_tokens"].as_u64().unwrap() > 1000);
    }
    let one = server().post("/v1/rerank", &json!({"query": QUESTION, "documents": documents, "top_n": 1})).json();
    assert_eq!(one["results"].as_array().unwrap().len(), 1);
    assert_eq!(one["results"][0].get("document"), None);
    for (body, part) in [
        (json!({"query": " ", "documents": ["x"]}), "empty"),
        (json!({"query": "q", "documents": []}), "send 1 to"),
        (json!({"query": "q", "documents": ["x"], "top_n": 0}), "top_n"),
        (json!({"model": "rerank-v3.5", "query": "q", "documents": ["x"]}), "GET /v1/models"),
    ] {
        let refused = server().post("/v1/rerank", &body);
        let message = refused.json()["error"]["message"].to_string();
        assert!((400..500).contains(&refused.status) && message.contains(part), "{message}");
    }
}

#[test]
fn copies_of_a_text_are_named_where_a_passage_has_attributes() {
    let minutes = "The harbour master closed the northern basin on 4 May 2026 because of the storm.";
    let server = crate::harness::Server::start(&[("minutes", minutes), ("summary", minutes)]);
    let question = "When was the northern basin closed?";
    let attributes = |reply: Value| reply["data"][0]["attributes"].clone();
    let found = attributes(server.post("/v1/vector_stores/default/search", &json!({"query": question})).json());
    assert_eq!(found["copies"], 1, "{found}");
    let response = server.post("/v1/responses", &json!({"model": "footnote", "input": question})).json();
    let annotations = response["output"][0]["content"][0]["annotations"].clone();
    let files: Vec<&str> =
        annotations.as_array().unwrap().iter().take(2).map(|file| file["file_id"].as_str().unwrap()).collect();
    let mut both = files.clone();
    both.sort_unstable();
    assert_eq!((both, found["copy_ids"].as_str()), (vec!["minutes", "summary"], Some(files[1])));
    let dify = json!({"knowledge_id": "default", "query": question, "retrieval_setting": {"top_k": 3}});
    let records = server.post("/retrieval", &dify).json()["records"].clone();
    assert_eq!((records.as_array().unwrap().len(), &records[0]["metadata"]["copies"]), (1, &json!(1)));
}
