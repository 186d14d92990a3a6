"""Qdrant's REST calls that clipscope makes, answered by the official client's local mode.

Every body is read by the client's own models, which refuse unknown fields and wrong types. For maintainers:
python tools/qdrant_local.py 6333 (needs qdrant-client), then `clipscope push` and `search --engine` against that port.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from qdrant_client import QdrantClient
from qdrant_client.http import models

client = QdrantClient(":memory:")


def describe(name, body):
    if not client.collection_exists(name):
        return None
    return json.loads(client.get_collection(name).model_dump_json())


def create(name, body):
    wanted = models.CreateCollection.model_validate_json(body)
    return client.create_collection(name, vectors_config=wanted.vectors)


def index(name, body):
    wanted = models.CreateFieldIndex.model_validate_json(body)
    client.create_payload_index(name, wanted.field_name, field_schema=wanted.field_schema)
    return {"operation_id": 0, "status": "completed"}


def upsert(name, body):
    points = models.PointsList.model_validate_json(body).points
    return json.loads(client.upsert(name, points).model_dump_json())


def retrieve(name, body):
    wanted = models.PointRequest.model_validate_json(body)
    found = client.retrieve(name, wanted.ids, with_payload=wanted.with_payload, with_vectors=wanted.with_vector)
    return [json.loads(point.model_dump_json()) for point in found]


def count(name, body):
    wanted = models.CountRequest.model_validate_json(body)
    return {"count": client.count(name, count_filter=wanted.filter, exact=wanted.exact).count}


def query(name, body):
    wanted = models.QueryRequest.model_validate_json(body)
    found = client.query_points(
        name,
        query=wanted.query,
        query_filter=wanted.filter,
        limit=wanted.limit,
        with_payload=wanted.with_payload,
        with_vectors=wanted.with_vector,
    )
    return json.loads(found.model_dump_json())


CALLS = {
    ("GET", ""): describe,
    ("PUT", ""): create,
    ("PUT", "index"): index,
    ("PUT", "points"): upsert,
    ("POST", "points"): retrieve,
    ("POST", "points/count"): count,
    ("POST", "points/query"): query,
}


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        path = self.path.split("?")[0].removeprefix("/collections/")
        name, _, below = path.partition("/")
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            result = CALLS[self.command, below](name, body)
            status, text = (404, "Not found") if result is None else (200, "ok")
        except Exception as error:
            result, status, text = None, 400, str(error)
        said = {"result": result, "status": "ok" if status == 200 else {"error": text}, "time": 0.0}
        said = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_PUT = do_POST = answer


HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
