"""Reads the metrics of a running server with the parser of Prometheus's own Python client, which is strict.

Usage: metrics_client.py URL
"""

import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def main():
    with urllib.request.urlopen(sys.argv[1] + "/metrics", timeout=60) as response:
        kind, text = response.headers["Content-Type"], response.read().decode()
    if not kind.startswith("application/openmetrics-text"):
        sys.exit(f"metrics_client.py: its type is {kind}")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    kinds = {name: family.type for name, family in families.items()}
    for name, kind in {
        "footnote_requests": "counter",
        "footnote_request_duration_seconds": "histogram",
        "footnote_question_stage_duration_seconds": "histogram",
        "footnote_documents": "gauge",
        "footnote_index_size_bytes": "gauge",
    }.items():
        if kinds.get(name) != kind:
            sys.exit(f"metrics_client.py: {name} is {kinds.get(name)} and not a {kind}")
    samples = sum(len(family.samples) for family in families.values())
    print(f"OpenMetrics: {len(families)} families, {samples} samples")


main()
