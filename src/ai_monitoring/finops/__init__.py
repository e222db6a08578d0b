"""What AI requests cost and bring: a ledger that books each once, budgets, and what a provider's bill says of it all.

    from ai_monitoring.finops.assessment import FinOps
    reading = FinOps(load_config()).assess(AIRequest(request_id="req-1", provider="openai", model="gpt-4o", …))
    reading.cost.total_cost, reading.budgets[0].exceeded

docs/finops.md has the guide.
"""
