/* The sentences: code for programs, Indonesian, English. */
#include <assert.h>
#include <string.h>

#include "words.h"

static const struct {
	const char *code, *id, *en;
} table[WORDS] = {
	[W_USAGE] = { "usage",
	    "Cara memakai: peluit [PILIHAN] PERINTAH; lihat peluit --help",
	    "Usage: peluit [OPTIONS] COMMAND; see peluit --help" },
	[W_COMMAND_UNKNOWN] = { "usage",
	    "Tidak ada perintah {1}. Lihat peluit --help.",
	    "There is no command {1}. See peluit --help." },
	[W_OPTION_UNKNOWN] = { "usage",
	    "Tidak ada pilihan {1}.", "There is no option {1}." },
	[W_OPTION_NEEDS_VALUE] = { "usage",
	    "Pilihan {1} memerlukan nilai.", "Option {1} needs a value." },
	[W_ARGUMENT_MISSING] = { "usage",
	    "Kurang: {1}. Tulis: peluit {2}",
	    "Missing: {1}. Write: peluit {2}" },
	[W_ARGUMENT_EXTRA] = { "usage",
	    "Terlalu banyak: {1}. Tulis: peluit {2}",
	    "Too much: {1}. Write: peluit {2}" },
	[W_OPTION_MISSING] = { "usage",
	    "Perlu pilihan {1}. Tulis: peluit {2}",
	    "Option {1} is needed. Write: peluit {2}" },
	[W_OPTION_BAD] = { "usage",
	    "Nilai pilihan {1} tidak dapat dipakai: {2}",
	    "The value of option {1} cannot be used: {2}" },
	[W_JSON_NEEDS_FILE] = { "usage",
	    "Dengan --json, sebutkan berkas keluaran dengan -o.",
	    "With --json, name the output file with -o." },
	[W_RECIPIENT_BAD] = { "recipient",
	    "Bukan kunci penerima age1…: {1}",
	    "Not an age1… recipient: {1}" },
	[W_RECIPIENT_TWICE] = { "recipient",
	    "Satu penerima disebut dua kali.",
	    "A recipient is named twice." },
	[W_IDENTITY_BAD] = { "identity",
	    "Berkas kunci {1} tidak berisi kunci age yang dapat dipakai.",
	    "The identity file {1} holds no age identity that can be used." },
	[W_IDENTITY_ARMOR] = { "identity",
	    "Berkas kunci {1} dalam bentuk teks (armor). Ubah dulu: age -d.",
	    "The identity file {1} is armored text. Convert it with age -d." },
	[W_FILE_READ] = { "file",
	    "Berkas {1} tidak dapat dibaca ({2}).",
	    "The file {1} cannot be read ({2})." },
	[W_FILE_WRITE] = { "file",
	    "Berkas {1} tidak dapat ditulis ({2}).",
	    "The file {1} cannot be written ({2})." },
	[W_FILE_EXISTS] = { "exists",
	    "{1} sudah ada; tidak ditimpa.",
	    "{1} is there already; it is not replaced." },
	[W_TERMINAL] = { "terminal",
	    "Hasilnya bukan teks. Sebutkan berkas keluaran dengan -o.",
	    "The result is not text. Name the output file with -o." },
	[W_SEAL_FAILED] = { "seal",
	    "Tidak dapat menyegel ({1}).", "It could not be sealed ({1})." },
	[W_AGE_FORMAT] = { "age_format",
	    "{1} bukan berkas age yang benar.",
	    "{1} is not a well-formed age file." },
	[W_AGE_ARMOR] = { "age_armor",
	    "{1} berkas age berbentuk teks (armor); yang biner yang dibuka.",
	    "{1} is an armored age file; only binary ones are opened." },
	[W_AGE_VERSION] = { "age_version",
	    "{1} berkas age dari versi yang tidak dikenal.",
	    "{1} is an age file of a version that is not known." },
	[W_AGE_NOMATCH] = { "age_no_match",
	    "{1} tidak disegel untuk kunci ini.",
	    "{1} was not sealed to this key." },
	[W_AGE_MAC] = { "age_mac",
	    "Kepala berkas {1} telah diubah atau rusak.",
	    "The header of {1} was altered or is damaged." },
	[W_AGE_PAYLOAD] = { "age_payload",
	    "Isi {1} terpotong, diubah, atau rusak. Tidak ada yang disimpan.",
	    "The content of {1} is cut, altered or damaged. Nothing was kept." },
	[W_PASS_NONE] = { "passphrase",
	    "Tidak ada terminal untuk menanyakan kata sandi; pakai "
	    "--passphrase-file.",
	    "There is no terminal to ask for the passphrase; use "
	    "--passphrase-file." },
	[W_PASS_FILE] = { "passphrase",
	    "Kata sandi tidak dapat dibaca dari {1} ({2}).",
	    "The passphrase cannot be read from {1} ({2})." },
	[W_PASS_EMPTY] = { "passphrase",
	    "Kata sandi terlalu pendek: paling sedikit {1} huruf.",
	    "The passphrase is too short: {1} letters at least." },
	[W_PASS_DIFFER] = { "passphrase",
	    "Kedua kata sandi tidak sama. Tidak ada yang dibuat.",
	    "The two passphrases differ. Nothing was made." },
	[W_PASS_WRONG] = { "passphrase",
	    "Kata sandi salah untuk {1}.",
	    "Wrong passphrase for {1}." },
	[W_LABEL_BAD] = { "label",
	    "Label harus nama jabatan dari huruf kecil, angka dan tanda "
	    "hubung, misalnya petugas-2: {1}",
	    "A label is the name of a post in small letters, digits and "
	    "dashes, such as petugas-2: {1}" },
	[W_HOME_EXISTS] = { "exists",
	    "Folder {1} sudah berisi kunci. Tidak ada yang diubah.",
	    "The folder {1} holds a key already. Nothing was changed." },
	[W_HOME_NONE] = { "home",
	    "Belum ada kunci di {1}. Mulai dengan: peluit init --label LABEL",
	    "There is no key in {1} yet. Begin with: peluit init --label "
	    "LABEL" },
	[W_HOME_OPEN] = { "home",
	    "{1} dapat dibaca orang lain. Perbaiki: chmod 700 {1}",
	    "Others can read {1}. Repair it: chmod 700 {1}" },
	[W_HOME_DAMAGED] = { "home",
	    "{1} rusak atau bukan milik kunci ini ({2}).",
	    "{1} is damaged or does not belong to this key ({2})." },
	[W_HOME_BUSY] = { "busy",
	    "Program peluit lain sedang memakai folder ini.",
	    "Another peluit is using this folder." },
	[W_HOME_UNKNOWN] = { "home",
	    "Folder rumah tidak diketahui; pakai --home DIR.",
	    "The home folder is not known; use --home DIR." },
	[W_OFFICE_NONE] = { "office",
	    "Belum bergabung dengan kantor. Jalankan: peluit join OFFICE.conf",
	    "No office was joined yet. Run: peluit join OFFICE.conf" },
	[W_OFFICE_BAD] = { "office",
	    "{1} bukan berkas kantor yang benar (baris {2}).",
	    "{1} is not a well-formed office file (line {2})." },
	[W_OFFICE_OTHER] = { "office",
	    "Sudah bergabung dengan kantor lain ({1}).",
	    "Another office was joined already ({1})." },
	[W_CLOCK_NOT_DEMO] = { "clock",
	    "--clock hanya untuk kantor percobaan (demo).",
	    "--clock is only for a demo office." },
	[W_CLOCK_BAD] = { "clock",
	    "Berkas jam {1} tidak dapat dipakai ({2}).",
	    "The clock file {1} cannot be used ({2})." },
	[W_ADDRESS_BAD] = { "address",
	    "Alamat server atau --socks tidak benar: {1}",
	    "The server's address or --socks is not right: {1}" },
	[W_MACHINE] = { "machine",
	    "Komputer ini menolak: {1}", "The machine refused: {1}" },
	[W_NO_LOCK] = { "machine",
	    "Kunci tidak dapat dijaga di memori: batasnya {1} byte (lihat "
	    "ulimit -l).",
	    "Keys cannot be kept in locked memory: its limit is {1} bytes "
	    "(see ulimit -l)." },
	[W_INDEX_DAMAGED] = { "index",
	    "Indeks {1} rusak ({2}).", "The index {1} is damaged ({2})." },
	[W_CASE_NONE] = { "case_unknown",
	    "Tidak ada perkara {1} di sini. Jalankan peluit fetch dulu.",
	    "There is no case {1} here. Run peluit fetch first." },
	[W_CASE_AMBIGUOUS] = { "case_ambiguous",
	    "{1} cocok dengan lebih dari satu perkara. Tulis lebih lengkap.",
	    "{1} means more than one case. Write more of the name." },
	[W_NET] = { "net",
	    "Server tidak terjangkau: {1}. Coba lagi; yang sudah tersimpan "
	    "tetap tersimpan.",
	    "The server was not reached: {1}. Try again; what is saved stays "
	    "saved." },
	[W_REFUSED] = { "refused",
	    "Server menolak: {1}", "The server refused: {1}" },
	[W_SKEW] = { "clock_skew",
	    "Jam komputer ini berbeda dari server: {1} detik {2}. Perbaiki "
	    "jam, lalu ulangi.",
	    "This computer's clock differs from the server's: {1} seconds "
	    "{2}. Set the clock, then try again." },
	[W_NOT_SIGNED] = { "not_signed",
	    "Jawaban tidak ditandatangani server kantor. Tidak dipercaya.",
	    "The answer is not signed by the office's server. It is not "
	    "trusted." },
	[W_ANSWER_BAD] = { "answer",
	    "Jawaban server tidak dapat dipahami: {1}",
	    "The server's answer cannot be understood: {1}" },
	[W_ORIGIN_OTHER] = { "origin",
	    "Server ini milik kantor lain: {1}",
	    "This server belongs to another office: {1}" },
	[W_FEED_ORDER] = { "feed_order",
	    "Nomor dalam daftar server tidak urut.",
	    "The numbers in the server's feed are out of order." },
	[W_EVENT_BAD] = { "event",
	    "Perkara {1}: catatan dari server tidak dapat dibaca.",
	    "Case {1}: an event from the server cannot be read." },
	[W_EVENT_FIELDS] = { "event_fields",
	    "Perkara {1}: catatan tidak cocok dengan daftar server ({2}).",
	    "Case {1}: an event does not fit the feed ({2})." },
	[W_EVENT_SIG] = { "event_signature",
	    "Perkara {1}: tanda tangan catatan tidak benar.",
	    "Case {1}: the signature of an event does not verify." },
	[W_EVENT_SOURCE] = { "event_source",
	    "Perkara {1}: pesan bukan dari pelapor yang menulis laporan.",
	    "Case {1}: a message is not by the source of the report." },
	[W_EVENT_GAP] = { "event_gap",
	    "Perkara {1}: ada catatan yang hilang (nomor {2}).",
	    "Case {1}: an event is missing (number {2})." },
	[W_EVENT_CHAIN] = { "event_chain",
	    "Perkara {1}: rantai catatan putus pada nomor {2}.",
	    "Case {1}: the chain of events is broken at number {2}." },
	[W_EVENT_TWIN] = { "event_twin",
	    "Perkara {1}: dua catatan bernomor {2}.",
	    "Case {1}: two events have the number {2}." },
	[W_EVENT_ACTOR] = { "event_actor",
	    "Perkara {1}: catatan oleh kunci yang tidak ada di daftar "
	    "petugas ({2}).",
	    "Case {1}: an event is by a key that is not in the roster "
	    "({2})." },
	[W_ROSTER_CHAIN] = { "roster_chain",
	    "Daftar petugas nomor {1} dari server tidak sah ({2}). Tidak "
	    "dipercaya.",
	    "Roster {1} from the server does not follow from the one before "
	    "({2}). It is not trusted." },
	[W_PROOF] = { "proof",
	    "Perkara {1}: bukti bahwa catatan ada di log publik tidak benar "
	    "({2}).",
	    "Case {1}: the proof that an event is in the public log is "
	    "wrong ({2})." },
	[W_PROMISE] = { "promise",
	    "Perkara {1}: janji bahwa catatan akan masuk log publik tidak "
	    "benar ({2}).",
	    "Case {1}: the promise that an event will be in the public log "
	    "is wrong ({2})." },
	[W_PROMISE_BROKEN] = { "promise_broken",
	    "Perkara {1}: catatan yang dijanjikan masuk log publik tidak "
	    "datang lagi. Beri tahu auditor.",
	    "Case {1}: an event that was promised to be logged did not come "
	    "again. Tell the auditors." },
	[W_LOG_ROLLBACK] = { "log_rollback",
	    "Log publik mundur: {1} catatan, padahal pernah {2}. Jangan "
	    "lanjutkan; beri tahu auditor.",
	    "The public log was rolled back: it has {1} leaves, and had {2}. "
	    "Do not go on; tell the auditors." },
	[W_LOG_FORK] = { "log_fork",
	    "Log publik bercabang: pada {1} catatan isinya bukan yang pernah "
	    "dilihat. Jangan lanjutkan; beri tahu auditor.",
	    "The public log has forked: at {1} leaves it is not the one that "
	    "was seen before. Do not go on; tell the auditors." },
	[W_OBJECT_SIZE] = { "object_size",
	    "Perkara {1}: ukuran berkas {2} tidak mungkin.",
	    "Case {1}: the size of object {2} cannot be." },
	[W_OBJECT_HEADER] = { "object_header",
	    "Perkara {1}: kepala berkas {2} tidak benar.",
	    "Case {1}: the header of object {2} is not well-formed." },
	[W_ROOT] = { "objects_root",
	    "Perkara {1}: berkas yang diterima bukan yang tercatat dalam "
	    "log (nomor {2}). Tidak disimpan.",
	    "Case {1}: what was received is not what the event names "
	    "(number {2}). It was not kept." },
	[W_DISK] = { "disk",
	    "Ruang disk kurang untuk {1} byte.",
	    "There is no room on the disk for {1} bytes." },
	[W_OPEN_ORIGIN] = { "origin",
	    "Pesan {1} ditolak: ditulis untuk kantor lain ({2}).",
	    "Message {1} is refused: it was written for another office "
	    "({2})." },
	[W_OPEN_CASE] = { "case",
	    "Pesan {1} ditolak: milik perkara lain ({2}).",
	    "Message {1} is refused: it belongs to another case ({2})." },
	[W_OPEN_KIND] = { "kind",
	    "Pesan {1} ditolak: jenisnya bukan yang tercatat ({2}).",
	    "Message {1} is refused: its kind is not the one that was "
	    "logged ({2})." },
	[W_OPEN_KEY] = { "key",
	    "Pesan {1} ditolak: kuncinya bukan yang tercatat ({2}).",
	    "Message {1} is refused: its key is not the one that was logged "
	    "({2})." },
	[W_OPEN_OBJECT] = { "object",
	    "Pesan {1} ditolak: lampirannya bukan yang tercatat ({2}).",
	    "Message {1} is refused: its objects are not those that were "
	    "logged ({2})." },
	[W_OPEN_SIZE] = { "size",
	    "Lampiran {2} pada pesan {1} ditolak: ukurannya tidak cocok.",
	    "Attachment {2} of message {1} is refused: its size does not "
	    "fit." },
	[W_OPEN_DIGEST] = { "digest",
	    "Lampiran {2} pada pesan {1} ditolak: isinya bukan yang dikirim.",
	    "Attachment {2} of message {1} is refused: its digest does not "
	    "fit." },
	[W_OPEN_FORMAT] = { "manifest",
	    "Pesan {1} ditolak: isinya bukan pesan Peluit ({2}).",
	    "Message {1} is refused: it is not a Peluit manifest ({2})." },
	[W_OPEN_REST] = { "padding",
	    "Lampiran {2} pada pesan {1} ditolak: ada sisa di belakang isi.",
	    "Attachment {2} of message {1} is refused: something stands "
	    "behind its end." },
	[W_OPEN_MISSING] = { "missing",
	    "Pesan {1}: berkas {2} belum ada. Jalankan peluit fetch.",
	    "Message {1}: object {2} is not here. Run peluit fetch." },
	[W_OPEN_RECIPIENTS] = { "recipients",
	    "Pesan {1} ditolak: penerimanya bukan yang tertulis di laporan.",
	    "Message {1} is refused: it was not sealed to the recipients "
	    "that it names." },
	[W_OPEN_DAMAGED] = { "damaged",
	    "Pesan {1} ditolak: berkas {2} rusak atau diubah.",
	    "Message {1} is refused: object {2} is damaged or altered." },
	[W_TEXT_EMPTY] = { "text_empty",
	    "Tulisannya kosong. Tidak ada yang dikirim.",
	    "There is no text. Nothing was sent." },
	[W_TEXT_BAD] = { "text_invalid",
	    "Tulisannya bukan teks UTF-8.", "The text is not UTF-8." },
	[W_TEXT_LONG] = { "text_long",
	    "Tulisannya terlalu panjang: paling banyak {1} huruf.",
	    "The text is too long: {1} characters at most." },
	[W_STATUS_UNKNOWN] = { "status_unknown",
	    "Tidak ada status {1}. Yang ada: {2}",
	    "There is no status {1}. There are: {2}" },
	[W_STATUS_REASON] = { "status_reason",
	    "Status {1} memerlukan alasan: peluit reply {2} --status {1} "
	    "--reason KODE",
	    "Status {1} needs a reason: peluit reply {2} --status {1} "
	    "--reason CODE" },
	[W_REASON_ALONE] = { "usage",
	    "--reason hanya bersama --status.",
	    "--reason goes only with --status." },
	[W_REASON_BAD] = { "usage",
	    "Alasan ini tidak dapat dipakai: {1}",
	    "This reason cannot be used: {1}" },
	[W_NO_REPORT] = { "no_report",
	    "Laporan perkara {1} tidak ada di sini atau tidak dapat dibuka, "
	    "jadi kunci pelapor tidak diketahui.",
	    "The report of case {1} is not here or does not open, so the "
	    "source's key is not known." },
	[W_REQUEST_DROPPED] = { "request_refused",
	    "Perkara {1}: yang tertunda ditolak server dan tidak dikirim: {2}",
	    "Case {1}: what was waiting was refused by the server and is not "
	    "sent: {2}" },
	[W_REQUEST_WAITS] = { "request_waits",
	    "Belum terkirim ({1}). Disimpan; dikirim lagi pada peluit fetch.",
	    "Not sent yet ({1}). It is kept, and sent again by peluit "
	    "fetch." },
	[W_CONSENT_NONE] = { "consent",
	    "Pelapor belum menyetujui. Minta dulu: peluit identity ask {1}",
	    "The source has not agreed. Ask first: peluit identity ask {1}" },
	[W_CONSENT_NO] = { "consent",
	    "Pelapor menolak identitasnya dibuka.",
	    "The source did not agree to the opening of the identity." },
	[W_IDENTITY_NONE] = { "no_identity",
	    "Perkara {1} tidak memuat identitas.",
	    "Case {1} holds no identity." },
	[W_ROSTER_BAD] = { "roster",
	    "Daftar {1} tidak benar (baris {2}).",
	    "The roster {1} is not right (line {2})." },
	[W_ROSTER_SIGNED] = { "roster",
	    "{1} sudah ditandatangani. Buat yang baru: peluit roster new "
	    "--from {1}",
	    "{1} is signed already. Make a new one: peluit roster new --from "
	    "{1}" },
	[W_ROSTER_NOTE] = { "roster",
	    "{1} belum ditandatangani; yang baru menyusul daftar bertanda "
	    "tangan.",
	    "{1} is not signed; a new roster follows a signed one." },
	[W_ROSTER_FULL] = { "roster",
	    "Daftar penuh: {1}", "The roster is full: {1}" },
	[W_ROSTER_LABEL] = { "roster",
	    "Label atau kunci {1} sudah ada di daftar.",
	    "The label or a key of {1} is in the roster already." },
	[W_ROSTER_NO_LABEL] = { "roster",
	    "Tidak ada label {1} di daftar.",
	    "There is no label {1} in the roster." },
	[W_ROSTER_ROLE] = { "usage",
	    "Peran {1} tidak ada: investigator, custodian, auditor.",
	    "There is no role {1}: investigator, custodian, auditor." },
	[W_ROSTER_CHANNEL] = { "roster",
	    "Kanal {1} tidak dapat dipakai ({2}).",
	    "The channel {1} cannot be used ({2})." },
	[W_ROSTER_KEY] = { "roster",
	    "Kunci ini tidak ada di daftar; sebutkan namanya dengan --name.",
	    "This key is not in the roster; give its name with --name." },
	[W_ROSTER_NO_KEY] = { "roster",
	    "Daftar perlu paling sedikit satu --roster-key.",
	    "A roster needs one --roster-key at least." },
	[W_ROSTER_UNFIT] = { "roster",
	    "Daftar {1} akan tidak sah ({2}): label dan kunci hanya boleh "
	    "sekali, dan kanal perlu penerima.",
	    "The roster {1} would not be valid ({2}): a label or key may "
	    "stand once only, and a channel needs a recipient." },
	[W_CARD_BAD] = { "card",
	    "{1} bukan kartu petugas yang benar.",
	    "{1} is not a well-formed card." },
	[W_KEY_BAD] = { "key_file",
	    "{1} bukan berkas kunci yang benar.",
	    "{1} is not a well-formed key file." },
	[W_KEY_NAME] = { "usage",
	    "Nama kunci tidak benar: {1}",
	    "The name of the key is not right: {1}" },
	[W_VKEY_BAD] = { "vkey",
	    "Bukan kunci pemeriksa: {1}", "Not a verifier key: {1}" },

	[W_ASK_TEXT] = { "",
	    "Tulis jawabannya. Selesai: Enter, lalu Ctrl-D.\n",
	    "Write the answer. To end: Enter, then Ctrl-D.\n" },
	[W_ASK_PASS_NEW] = { "",
	    "Kata sandi baru: ", "New passphrase: " },
	[W_ASK_PASS_AGAIN] = { "",
	    "Sekali lagi: ", "Once more: " },
	[W_ASK_PASS_FILE] = { "",
	    "Kata sandi untuk {1}: ", "Passphrase for {1}: " },

	[W_INIT_DONE] = { "",
	    "Kunci dibuat di {1}\n\n"
	    "Ingat kata sandi ini. Kalau hilang, tidak ada yang dapat "
	    "memulihkannya,\ndan laporan yang hanya disegel untuk kunci ini "
	    "tidak dapat dibuka lagi.\n\n"
	    "Berikutnya:\n"
	    "  1. Serahkan {1}/card.txt kepada pengelola. Kartu ini bukan "
	    "rahasia;\n     bacakan sidik jarinya: {2}\n"
	    "  2. Minta berkas kantor, lalu: peluit join OFFICE.conf\n",
	    "A key was made in {1}\n\n"
	    "Remember this passphrase. If it is lost, nobody can undo that, "
	    "and reports\nsealed to this key alone can never be opened "
	    "again.\n\n"
	    "Next:\n"
	    "  1. Give {1}/card.txt to the administrator. The card is no "
	    "secret;\n     read its fingerprint aloud: {2}\n"
	    "  2. Ask for the office file, then: peluit join OFFICE.conf\n" },
	[W_JOIN_DONE] = { "",
	    "Bergabung dengan {1}\n"
	    "Cocokkan sidik jari ini dengan yang dibacakan pengelola:\n{2}"
	    "Berikutnya: peluit fetch\n",
	    "Joined {1}\n"
	    "Compare these fingerprints with those that the administrator "
	    "reads aloud:\n{2}"
	    "Next: peluit fetch\n" },
	[W_FETCH_DONE] = { "",
	    "Baru: {1} perkara, {2} pesan.\n",
	    "New: {1} cases, {2} messages.\n" },
	[W_FETCH_NOTHING] = { "",
	    "Tidak ada yang baru.\n", "Nothing new.\n" },
	[W_FETCH_LATE] = { "",
	    "Log publik terlambat: sebagian mungkin belum tercatat.\n",
	    "The public log is late: some of this may not be logged yet.\n" },
	[W_FETCH_STOPPED] = { "",
	    "Log publik berhenti. Beri tahu pengelola server.\n",
	    "The public log stands still. Tell the server's operator.\n" },
	[W_FETCH_UNCHECKED] = { "",
	    "{1} pesan tidak dapat dicocokkan seluruhnya dengan log (kepala "
	    "berkas yang bukan untuk kita).\n",
	    "{1} messages could not be checked in full against the log "
	    "(headers that are not for us).\n" },
	[W_FETCH_PROMISED] = { "",
	    "{1} catatan belum tercatat di log publik; datang lagi nanti.\n",
	    "{1} events are not yet logged; they will come again.\n" },
	[W_LIST_PROMISED] = { "",
	    "{1}  belum tercatat ({2})\n", "{1}  not yet logged ({2})\n" },
	[W_LIST_NONE] = { "",
	    "Belum ada perkara. Jalankan: peluit fetch\n",
	    "There are no cases yet. Run: peluit fetch\n" },
	[W_LIST_HEAD] = { "",
	    "PERKARA|KANAL|STATUS|TANGGAL|PESAN|MENUNGGU",
	    "CASE|CHANNEL|STATUS|DATE|MESSAGES|WAITING" },
	[W_TAKEN] = { "",
	    "Diterima server untuk perkara {1} (epoch {2}).\n",
	    "Taken by the server for case {1} (epoch {2}).\n" },
	[W_EXPORT_DONE] = { "",
	    "Perkara {1} disalin ke {2}\n", "Case {1} was exported to {2}\n" },
	[W_ROSTER_WROTE] = { "",
	    "Ditulis: {1}\n", "Wrote: {1}\n" },
	[W_ROSTER_KEY_MADE] = { "",
	    "Kunci daftar di {1}; simpan di luar jaringan. Kunci pemeriksa "
	    "(bukan rahasia):\n{2}\n",
	    "Roster key in {1}; keep it offline. Its verifier key (no "
	    "secret):\n{2}\n" },
	[W_ASKED] = { "",
	    "Pelapor ditanya. Jawabannya datang lewat peluit fetch.\n",
	    "The source is asked. The answer comes with peluit fetch.\n" },
	[W_MSG_REPORT] = { "", "Laporan", "Report" },
	[W_MSG_MESSAGE] = { "", "Pesan pelapor", "Message of the source" },
	[W_MSG_REPLY] = { "", "Jawaban petugas", "Reply of a desk" },
	[W_MSG_REFERRAL] = { "", "Diteruskan", "Referral" },
	[W_MSG_STATUS] = { "", "Status", "Status" },
	[W_MSG_ASK] = { "", "Identitas diminta", "The identity was asked for" },
	[W_MSG_OPEN] = { "", "Identitas dibuka", "The identity was opened" },
	[W_MSG_CONSENT] = { "", "Jawaban pelapor soal identitas",
	    "The source's answer about the identity" },
	[W_MSG_DELETE] = { "", "Dihapus dari server",
	    "Deleted from the server" },
	[W_ATTACHMENTS] = { "", "Lampiran", "Attachments" },
	[W_IDENTITY_SEALED] = { "",
	    "Ada identitas tersegel untuk kustodian.",
	    "A sealed identity is there for the custodians." },
	[W_BY_DESK] = { "", "petugas {1}", "desk {1}" },
	[W_BY_SOURCE] = { "", "pelapor", "source" },
	[W_BY_SERVER] = { "", "server", "server" },
	[W_NO_CONTENT] = { "",
	    "Isinya tidak disegel untuk kunci ini.",
	    "Its content was not sealed to this key." },
	[W_ROOT_UNCHECKED] = { "",
	    "Tidak dapat dicocokkan seluruhnya dengan log.",
	    "Could not be checked in full against the log." },
};

const char *
words_code(enum word w)
{
	assert((unsigned)w < WORDS);
	return table[w].code;
}

const char *
words_raw(enum word w, enum words_lang l)
{
	assert((unsigned)w < WORDS && (unsigned)l < WORDS_LANGS);
	return l == WORDS_ID ? table[w].id : table[w].en;
}

void
words_put(enum word w, enum words_lang l, const char *const arg[2],
    struct buf *out)
{
	buf_puts_filled(out, words_raw(w, l), arg);
}
