/* The report's words in both languages, and its style. */
#include "page_table.h"

static const char *const table[PAGE_WORDS][2] = {
	[P_TITLE] = { "Laporan audit", "Audit report" },
	[P_WELL] = { "Tidak ada aturan yang dilanggar.",
	    "No rule was broken." },
	[P_BROKEN] = { "Ada aturan yang dilanggar.", "Rules were broken." },
	[P_CHECKED] = { "Diperiksa", "Checked on" },
	[P_PERIOD] = { "Masa", "Period" },
	[P_TO] = { "sampai", "to" },
	[P_LEAVES] = { "Daun log", "Leaves of the log" },
	[P_ROOT] = { "Akar log", "Root of the log" },
	[P_EVENTS] = { "Peristiwa", "Events" },
	[P_CASES] = { "Perkara", "Cases" },
	[P_WATCHED] = { "Epoch yang diamati", "Epochs watched" },
	[P_UNOPENED] = { "Epoch yang tidak terbuka", "Epochs not opened" },
	[P_RESPONSE] = { "Tanggapan pertama", "First response" },
	[P_KEPT] = { "Tepat waktu", "In time" },
	[P_UNCERTAIN] = { "Tidak dapat dipastikan", "Cannot be told" },
	[P_LATE] = { "Terlambat", "Late" },
	[P_WAITING] = { "Menunggu, masih dalam batas",
	    "Waiting, within the limit" },
	[P_BY_STATE] = { "Perkara menurut status", "Cases by state" },
	[P_BY_CHANNEL] = { "Perkara menurut kanal", "Cases by channel" },
	[P_LATE_CASES] = { "Perkara yang terlambat", "Late cases" },
	[P_NONE] = { "Tidak ada.", "None." },
	[P_DATE] = { "Tanggal", "Date" },
	[P_HOURS] = { "Jam", "Hours" },
	[P_ANSWERED] = { "Sudah ditanggapi", "Answered" },
	[P_YES] = { "ya", "yes" },
	[P_NO] = { "tidak", "no" },
	[P_OFFICERS] = { "Tindakan menurut petugas", "Access by officer" },
	[P_OFFICER] = { "Petugas", "Officer" },
	[P_ROLE] = { "Peran", "Role" },
	[P_ACCESS] = { "Akses", "Access" },
	[P_REPLIES] = { "Jawaban", "Replies" },
	[P_STATUSES] = { "Status", "Statuses" },
	[P_REFERRALS] = { "Penerusan", "Referrals" },
	[P_IDENTITIES] = { "Identitas dibuka", "Identities opened" },
	[P_ROSTERS] = { "Perubahan daftar petugas", "Roster changes" },
	[P_NUMBER] = { "Nomor", "Number" },
	[P_ADDED] = { "Masuk", "Added" },
	[P_REMOVED] = { "Keluar", "Removed" },
	[P_FINDINGS] = { "Temuan", "Findings" },
	[P_CODE] = { "Kode", "Code" },
	[P_MEANING] = { "Arti", "Meaning" },
	[P_EPOCH] = { "Epoch", "Epoch" },
	[P_CASE] = { "Perkara", "Case" },
	[P_COUNT] = { "Jumlah", "Count" },
	[P_FOOT] = { "Dibuat oleh peluit-audit dari log publik dan "
	    "pembukaannya. Isi laporan tidak pernah dibaca.",
	    "Made by peluit-audit from the public log and its disclosures. "
	    "No report's content was read." },
};

static const struct { const char *code, *id, *en; } states[] = {
	{ "RECEIVED", "Diterima", "Received" },
	{ "VERIFYING", "Sedang diverifikasi", "Being verified" },
	{ "NEED_INFO", "Menunggu pelapor", "Waiting for the source" },
	{ "REVIEW", "Sedang ditelaah", "Under review" },
	{ "CLARIFY", "Sedang diklarifikasi", "Being clarified" },
	{ "AUDIT", "Audit investigatif", "Investigative audit" },
	{ "FOLLOWUP", "Tindak lanjut", "Follow-up" },
	{ "CLOSED_PROVEN", "Selesai: terbukti", "Closed: proven" },
	{ "CLOSED_UNPROVEN", "Selesai: tidak terbukti", "Closed: unproven" },
	{ "REFERRED", "Diteruskan", "Referred" },
	{ "ARCHIVED", "Tidak dapat ditindaklanjuti", "Archived" },
	{ "REOPENED", "Dibuka kembali", "Reopened" },
	{ "DELETED", "Dihapus", "Deleted" },
	{ "investigator", "penyidik", "investigator" },
	{ "custodian", "kustodian", "custodian" },
	{ "auditor", "auditor", "auditor" },
};

const char *
page_word(enum page_word w, bool english)
{
	return table[w][english ? 1 : 0];
}

const char *
page_label(const char *code, bool english)
{
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const char *p = states[i].code, *q = code;

		while (*p != '\0' && *p == *q) {
			p++;
			q++;
		}
		if (*p == *q)
			return english ? states[i].en : states[i].id;
	}
	return code;
}

const char page_style[] =
    ":root{color-scheme:light}"
    "body{font:18px/1.5 system-ui,sans-serif;color:#1a1a1a;"
    "background:#fff;max-width:46rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.8rem;line-height:1.2;margin:0 0 .5rem}"
    "h2{font-size:1.3rem;margin:2rem 0 .5rem;border-top:1px solid #767676;"
    "padding-top:1rem}"
    ".verdict{font-size:1.2rem;font-weight:bold;border:2px solid #1a1a1a;"
    "padding:.5rem 1rem;margin:1rem 0}"
    ".broken{border-color:#7a2e00;color:#7a2e00}"
    ".code,.hash{font-family:ui-monospace,monospace;font-size:.85em;"
    "overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;"
    "border-bottom:1px solid #767676}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "svg{width:100%;height:auto;margin:.5rem 0}"
    "svg text{font:15px system-ui,sans-serif;fill:#1a1a1a}"
    ".bar{fill:#1d4f72}.warn{fill:#7a2e00}"
    "footer{margin-top:2rem;border-top:1px solid #767676;font-size:.9rem}"
    "@media print{body{font-size:11pt;max-width:none;padding:0}"
    "h2{break-after:avoid}svg,table,tr{break-inside:avoid}"
    ".bar{fill:#000}}";
