"""One record of an AI request in, every dimension out: technical, cognitive, financial, operational, compliance."""
