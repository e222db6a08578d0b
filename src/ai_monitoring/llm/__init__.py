"""Calls to language models and retrieval, under watch.

ai_monitoring.llm.instrument(team="search", project="faq")   # the OpenAI and Anthropic SDKs
"""

from ai_monitoring.llm import rag as rag
from ai_monitoring.llm.accounting import attribution as attribution
from ai_monitoring.llm.instrumentation import instrument as instrument
from ai_monitoring.llm.instrumentation import uninstrument as uninstrument
from ai_monitoring.llm.manual import llm_call as llm_call
from ai_monitoring.llm.manual import record_cache as record_cache
from ai_monitoring.llm.manual import record_call as record_call
from ai_monitoring.llm.outcome import Status as Status
from ai_monitoring.llm.usage import Usage as Usage
