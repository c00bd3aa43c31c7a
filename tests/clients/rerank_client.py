"""Ranks texts through the official Cohere client, in both versions of its API.

Usage: rerank_client.py URL KEY
"""

import sys

import cohere

DOCUMENTS = ["這家店的麵包很香。", "陸以寧預期聯準會2026年將降息三次。", "The ferry sails at noon."]


def main():
    for client in (cohere.Client, cohere.ClientV2):
        ranked = client(api_key=sys.argv[2], base_url=sys.argv[1]).rerank(
            model="footnote", query="who expects the Fed to cut in 2026", documents=DOCUMENTS, top_n=2
        )
        best, other = ranked.results
        if not (best.index == 1 and 1 >= best.relevance_score > other.relevance_score >= 0):
            sys.exit(f"rerank_client.py: {client.__name__}: {ranked}")
    print(f"cohere {cohere.__version__}: rerank v1 and v2")


main()
