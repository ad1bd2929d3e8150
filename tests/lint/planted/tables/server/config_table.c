	TEXT("instance", "origin", origin, "name"),
	INT("limits", "unsaid", unsaid, 0, 1, 0, "x"),
