"""How an AI service runs: health, availability, processor, memory, replicas, and which version was deployed when."""

from ai_monitoring.devops.process import DevOps as DevOps
from ai_monitoring.devops.reading import Deployment as Deployment
from ai_monitoring.devops.reading import DevOpsReading as DevOpsReading
from ai_monitoring.devops.reading import Health as Health
