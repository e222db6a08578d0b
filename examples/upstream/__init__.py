"""A stand-in for OpenAI and Anthropic on loopback, so that the demo and the tests use the real SDKs without a key.

It answers POST /v1/chat/completions, /v1/responses, /v1/embeddings (OpenAI) and /v1/messages (Anthropic), streamed
or not. It answers from the passage that the prompt holds, calls the first tool it is offered, and fills a JSON schema
it is asked for. Request headers order how a call goes:

    x-demo-latency             seconds before the answer starts
    x-demo-token-delay         seconds before each token of a stream but the first
    x-demo-input-tokens        usage to report; input holds the cached tokens, output the reasoning tokens
    x-demo-output-tokens       also the length of the answer, in words
    x-demo-cached-tokens       input tokens read from a cache
    x-demo-cache-write-tokens  input tokens written to a cache
    x-demo-reasoning-tokens    output tokens spent on reasoning
    x-demo-usage               none: report no usage; malformed: report text where numbers belong
    x-demo-status              HTTP status to fail with, such as 400, 401, 429 or 500
    x-demo-retry-after         seconds, or a date, for the header `retry-after` of a failure
    x-demo-fail-first          fail the first N attempts of a call only (default status 429); the SDKs number them
    x-demo-error-after         an error event after that many tokens of a stream
    x-demo-cut-after           the connection is closed after that many tokens of a stream
    x-demo-hang-after          nothing more comes after that many tokens of a stream; without a stream, nothing at all
    x-demo-embedding           the name of another embedding model, whose vectors are like none of the usual one's

`/control` makes all requests follow such orders for a while, see `examples.control`.
"""
