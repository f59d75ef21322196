/** The JSON of explain-senders.js as the writers of other languages print it: Python's from Python 3, others after their documentation. */
const raw = String.raw

export const WRITERS = {
  "Python's json.dumps": [
    'body-unicode',
    raw`{"type": "order/paid", "name": "Zo\u00eb & <b>", "amount": 1050, "items": [{"id": 2, "at": "a/b"}, {"id": 1}], "note": "it's \"x\""}`,
  ],
  "Python's json.dumps without ensure_ascii": [
    'body-spacing',
    '{"type": "order/paid", "name": "Zo\u00eb & <b>", "amount": 1050, "items": [{"id": 2, "at": "a/b"}, {"id": 1}], "note": "it\'s \\"x\\""}',
  ],
  "Python's json.dumps with separators": [
    'body-unicode',
    raw`{"type":"order/paid","name":"Zo\u00eb & <b>","amount":1050,"items":[{"id":2,"at":"a/b"},{"id":1}],"note":"it's \"x\""}`,
  ],
  "Python's json.dumps with sort_keys": [
    'body-key-order',
    raw`{"amount": 1050, "items": [{"at": "a/b", "id": 2}, {"id": 1}], "name": "Zo\u00eb & <b>", "note": "it's \"x\"", "type": "order/paid"}`,
  ],
  "Python's json.dumps with sort_keys and separators": [
    'body-key-order',
    raw`{"amount":1050,"items":[{"at":"a/b","id":2},{"id":1}],"name":"Zo\u00eb & <b>","note":"it's \"x\"","type":"order/paid"}`,
  ],
  "PHP's json_encode": [
    'body-slashes',
    raw`{"type":"order\/paid","name":"Zo\u00eb & <b>","amount":1050,"items":[{"id":2,"at":"a\/b"},{"id":1}],"note":"it's \"x\""}`,
  ],
  "PHP's json_encode with JSON_UNESCAPED_UNICODE": [
    'body-slashes',
    '{"type":"order\\/paid","name":"Zo\u00eb & <b>","amount":1050,"items":[{"id":2,"at":"a\\/b"},{"id":1}],"note":"it\'s \\"x\\""}',
  ],
  "Go's json.Marshal of a struct": [
    'body-html-escapes',
    '{"type":"order/paid","name":"Zo\u00eb \\u0026 \\u003cb\\u003e","amount":1050,"items":[{"id":2,"at":"a/b"},{"id":1}],"note":"it\'s \\"x\\""}',
  ],
  "Go's json.Marshal of a map": [
    'body-html-escapes',
    '{"amount":1050,"items":[{"at":"a/b","id":2},{"id":1}],"name":"Zo\u00eb \\u0026 \\u003cb\\u003e","note":"it\'s \\"x\\"","type":"order/paid"}',
  ],
  Gson: [
    'body-html-escapes',
    '{"type":"order/paid","name":"Zo\u00eb \\u0026 \\u003cb\\u003e","amount":1050,"items":[{"id":2,"at":"a/b"},{"id":1}],"note":"it\\u0027s \\"x\\""}',
  ],
  'System.Text.Json': [
    'body-unicode',
    raw`{"type":"order/paid","name":"Zo\u00EB \u0026 \u003Cb\u003E","amount":1050,"items":[{"id":2,"at":"a/b"},{"id":1}],"note":"it\u0027s \u0022x\u0022"}`,
  ],
  'JSON.stringify with an indent of 2': [
    'body-spacing',
    '{\n  "type": "order/paid",\n  "name": "Zo\u00eb & <b>",\n  "amount": 1050,\n  "items": [\n    {\n      "id": 2,\n      "at": "a/b"\n    },\n    {\n      "id": 1\n    }\n  ],\n  "note": "it\'s \\"x\\""\n}',
  ],
  "Python's json.dumps with an indent of 2": [
    'body-unicode',
    '{\n  "type": "order/paid",\n  "name": "Zo\\u00eb & <b>",\n  "amount": 1050,\n  "items": [\n    {\n      "id": 2,\n      "at": "a/b"\n    },\n    {\n      "id": 1\n    }\n  ],\n  "note": "it\'s \\"x\\""\n}',
  ],
  'a writer that sorts members': [
    'body-key-order',
    '{"amount":1050,"items":[{"at":"a/b","id":2},{"id":1}],"name":"Zo\u00eb & <b>","note":"it\'s \\"x\\"","type":"order/paid"}',
  ],
  "Python's json.dumps with sort_keys and an indent of 2": [
    'body-key-order',
    '{\n  "amount": 1050,\n  "items": [\n    {\n      "at": "a/b",\n      "id": 2\n    },\n    {\n      "id": 1\n    }\n  ],\n  "name": "Zo\\u00eb & <b>",\n  "note": "it\'s \\"x\\"",\n  "type": "order/paid"\n}',
  ],
  "Python's json.dumps with sort_keys and an indent of 4": [
    'body-key-order',
    '{\n    "amount": 1050,\n    "items": [\n        {\n            "at": "a/b",\n            "id": 2\n        },\n        {\n            "id": 1\n        }\n    ],\n    "name": "Zo\\u00eb & <b>",\n    "note": "it\'s \\"x\\"",\n    "type": "order/paid"\n}',
  ],
  'Json.NET with Formatting.Indented on Windows': [
    'body-spacing',
    '{\r\n  "type": "order/paid",\r\n  "name": "Zo\u00eb & <b>",\r\n  "amount": 1050,\r\n  "items": [\r\n    {\r\n      "id": 2,\r\n      "at": "a/b"\r\n    },\r\n    {\r\n      "id": 1\r\n    }\r\n  ],\r\n  "note": "it\'s \\"x\\""\r\n}',
  ],
  'System.Text.Json with WriteIndented': [
    'body-unicode',
    '{\n  "type": "order/paid",\n  "name": "Zo\\u00EB \\u0026 \\u003Cb\\u003E",\n  "amount": 1050,\n  "items": [\n    {\n      "id": 2,\n      "at": "a/b"\n    },\n    {\n      "id": 1\n    }\n  ],\n  "note": "it\\u0027s \\u0022x\\u0022"\n}',
  ],
  'System.Text.Json with WriteIndented on Windows': [
    'body-unicode',
    '{\r\n  "type": "order/paid",\r\n  "name": "Zo\\u00EB \\u0026 \\u003Cb\\u003E",\r\n  "amount": 1050,\r\n  "items": [\r\n    {\r\n      "id": 2,\r\n      "at": "a/b"\r\n    },\r\n    {\r\n      "id": 1\r\n    }\r\n  ],\r\n  "note": "it\\u0027s \\u0022x\\u0022"\r\n}',
  ],
  'Jackson with INDENT_OUTPUT': [
    'body-spacing',
    '{\n  "type" : "order/paid",\n  "name" : "Zo\u00eb & <b>",\n  "amount" : 1050,\n  "items" : [ {\n    "id" : 2,\n    "at" : "a/b"\n  }, {\n    "id" : 1\n  } ],\n  "note" : "it\'s \\"x\\""\n}',
  ],
}
