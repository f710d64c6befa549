"""The console of operators: server-rendered pages over the services of ``broker.onboarding``. Holds no rules itself."""
