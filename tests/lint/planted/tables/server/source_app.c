	GET("/", "home", source_info),
	POST("/tulis", source_send, LANE_REPORT, 1),
	{ "POST", "/unsaid", NULL, source_files, LANE_WRITE,
