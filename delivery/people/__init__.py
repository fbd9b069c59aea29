"""Users as the engine knows them: contacts, profiles, fields from Entra."""
