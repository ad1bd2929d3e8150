/* The sentences: code for programs, Indonesian, English. */
#include <assert.h>
#include <string.h>

#include "audit_words.h"

static const struct {
	const char *code, *id, *en;
} table[AUDIT_WORDS] = {
	[A_USAGE] = { "usage",
	    "Cara memakai: peluit-audit [PILIHAN] PERINTAH; lihat "
	    "peluit-audit --help",
	    "Usage: peluit-audit [OPTIONS] COMMAND; see peluit-audit "
	    "--help" },
	[A_COMMAND_UNKNOWN] = { "usage",
	    "Tidak ada perintah {1}. Lihat peluit-audit --help.",
	    "There is no command {1}. See peluit-audit --help." },
	[A_OPTION_UNKNOWN] = { "usage",
	    "Tidak ada pilihan {1}.", "There is no option {1}." },
	[A_OPTION_NEEDS_VALUE] = { "usage",
	    "Pilihan {1} memerlukan nilai.", "Option {1} needs a value." },
	[A_OPTION_BAD] = { "usage",
	    "Nilai pilihan {1} tidak dapat dipakai: {2}",
	    "The value of option {1} cannot be used: {2}" },
	[A_OPTION_MISSING] = { "usage",
	    "Perlu pilihan {1}. Tulis: peluit-audit {2}",
	    "Option {1} is needed. Write: peluit-audit {2}" },
	[A_ARGUMENT_MISSING] = { "usage",
	    "Ada yang kurang. Tulis: peluit-audit {2}",
	    "Something is missing. Write: peluit-audit {2}" },
	[A_ARGUMENT_EXTRA] = { "usage",
	    "Terlalu banyak: {1}. Tulis: peluit-audit {2}",
	    "Too much: {1}. Write: peluit-audit {2}" },
	[A_VKEY_BAD] = { "key",
	    "Bukan kunci pemeriksa yang dapat dipakai: {1}",
	    "Not a verifier key that can be used: {1}" },
	[A_ADDRESS_BAD] = { "address",
	    "Alamat ini tidak dapat dipakai: {1}",
	    "This address cannot be used: {1}" },
	[A_CLOCK_NOT_DEMO] = { "clock",
	    "--clock hanya untuk kantor demo.",
	    "--clock is only for a demo office." },
	[A_CLOCK_BAD] = { "clock",
	    "Berkas jam {1} tidak dapat dibaca ({2}).",
	    "The clock file {1} cannot be read ({2})." },
	[A_NOT_INIT] = { "not_init",
	    "Belum ada log di {1}. Jalankan: peluit-audit init URL LOG_VKEY "
	    "ROSTER_VKEY",
	    "There is no log in {1} yet. Run: peluit-audit init URL LOG_VKEY "
	    "ROSTER_VKEY" },
	[A_HOME_UNKNOWN] = { "usage",
	    "Folder rumah tidak diketahui; sebutkan dengan --home.",
	    "The home folder is not known; name it with --home." },
	[A_EXISTS] = { "exists",
	    "{1} sudah mengikuti log lain; pakai --home lain.",
	    "{1} follows another log already; use another --home." },
	[A_FILE_READ] = { "file",
	    "Berkas {1} tidak dapat dibaca ({2}).",
	    "The file {1} cannot be read ({2})." },
	[A_FILE_WRITE] = { "file",
	    "Berkas {1} tidak dapat ditulis ({2}).",
	    "The file {1} cannot be written ({2})." },
	[A_NET] = { "unreachable",
	    "{1} tidak dapat diambil dari log: {2}",
	    "{1} could not be fetched from the log: {2}" },
	[A_NO_ROSTER] = { "unreachable",
	    "Log tidak menyajikan daftar petugas pertama.",
	    "The log does not serve its first roster." },
	[A_HOME_BUSY] = { "busy",
	    "peluit-audit lain sedang memakai folder ini.",
	    "Another peluit-audit is using this home." },
	[A_HOME_DAMAGED] = { "home",
	    "Berkas {1} rusak ({2}).", "The file {1} is damaged ({2})." },
	[A_PASS_NONE] = { "passphrase",
	    "Kata sandi tidak dapat dibaca.",
	    "The passphrase could not be read." },
	[A_PASS_WRONG] = { "passphrase",
	    "Kata sandi salah untuk {1}.",
	    "The passphrase does not open {1}." },
	[A_IDENTITY_BAD] = { "identity",
	    "Berkas kunci {1} tidak dapat dipakai ({2}).",
	    "The identity file {1} cannot be used ({2})." },
	[A_MACHINE] = { "machine",
	    "Komputer menolak: {1} ({2}).",
	    "The machine refused: {1} ({2})." },
	[A_NO_RESULT] = { "no_result",
	    "Belum ada hasil. Jalankan dulu: peluit-audit full --identity "
	    "FILE",
	    "There is no result yet. Run first: peluit-audit full --identity "
	    "FILE" },
	[A_PROOF_FORMAT] = { "format",
	    "{1} bukan janji pencatatan dan bukan bukti ({2}).",
	    "{1} is neither a promise nor a proof ({2})." },
	[A_PROOF_NO_OPENING] = { "no_opening",
	    "Bukti ini tidak membawa pembukaannya; tidak diketahui apa yang "
	    "dibuktikan.",
	    "This proof does not carry an opening; what it proves is not "
	    "known." },
	[A_POLICY_BAD] = { "policy",
	    "Berkas kebijakan {1} salah di baris {2}.",
	    "The policy {1} is wrong in line {2}." },
	[A_PROMISE_NO_KEY] = { "no_key",
	    "Kunci janji belum diketahui. Jalankan: peluit-audit check",
	    "The promise key is not known yet. Run: peluit-audit check" },
	[A_API_REFUSED] = { "api",
	    "Server menolak {1}: {2}", "The server refused {1}: {2}" },
	[A_ASK_PASS] = { "", "Kata sandi untuk {1}: ",
	    "Passphrase for {1}: " },
	[A_INIT_DONE] = { "",
	    "Mengikuti log {1} di {2}\n", "Following the log {1} in {2}\n" },
	[A_CHECK_HEAD] = { "",
	    "Log {1}: {2} daun, akar cocok.\n",
	    "Log {1}: {2} leaves, the root fits.\n" },
	[A_FULL_HEAD] = { "",
	    "{1} peristiwa dari {2} perkara dibuka.\n",
	    "{1} events of {2} cases were opened.\n" },
	[A_ALL_WELL] = { "", "Semua baik.\n", "All is well.\n" },
	[A_BROKEN] = { "", "Aturan yang dilanggar: {1}\n",
	    "Rules broken: {1}\n" },
	[A_REPORT_WROTE] = { "", "Ditulis: {1}\n", "Wrote: {1}\n" },
	[A_PROOF_HOLDS] = { "",
	    "Bukti sah: peristiwa ini ada di log {1}, daun {2}.\n",
	    "The proof holds: this event is in the log {1}, leaf {2}.\n" },
	[A_PROMISE_KEPT] = { "",
	    "Janji ditepati: peristiwa ini ada di log {1}, daun {2}.\n",
	    "The promise was kept: this event is in the log {1}, leaf {2}.\n" },
	[A_PROMISE_OPEN] = { "",
	    "Janji sah. Epoch-nya ({1}) belum terbit; periksa lagi nanti.\n",
	    "The promise is genuine. Its epoch ({1}) is not published yet; "
	    "check again later.\n" },
	[A_PROMISE_OFFLINE] = { "",
	    "Janji sah, tetapi log tidak terjangkau: belum tahu apakah "
	    "ditepati ({1}).\n",
	    "The promise is genuine, but the log was not reached: whether it "
	    "was kept is not known ({1}).\n" },
	[A_PROOF_EVENT] = { "",
	    "Isinya: {1}, {2}\n", "It is: {1}, {2}\n" },
	[A_PROOF_NOT_OURS] = { "",
	    "Pembukaannya bukan peristiwa Peluit.\n",
	    "Its opening is no event of Peluit.\n" },
	[A_WATCH_LINE] = { "", "{1} {2}\n", "{1} {2}\n" },
	[A_WATCH_COSIGNED] = { "",
	    "Checkpoint {1} ditandatangani saksi ({2}).\n",
	    "Checkpoint {1} was cosigned ({2}).\n" },
	[A_WATCH_NOT_COSIGNED] = { "",
	    "Checkpoint {1} dicatat, tidak ditandatangani ({2}).\n",
	    "Checkpoint {1} was recorded, not cosigned ({2}).\n" },
	[A_NOTE] = { "", "catatan: {1}\n", "note: {1}\n" },
	[A_MORE] = { "", "… dan {1} lagi (lihat --json)\n",
	    "… and {1} more (see --json)\n" },
};

const char *
audit_words_code(enum audit_word w)
{
	assert((unsigned)w < AUDIT_WORDS);
	return table[w].code;
}

void
audit_words_put(enum audit_word w, enum audit_lang l,
    const char *const arg[2], struct buf *out)
{
	assert((unsigned)w < AUDIT_WORDS && (unsigned)l < AUDIT_LANGS);
	buf_puts_filled(out, l == AUDIT_ID ? table[w].id : table[w].en, arg);
}
