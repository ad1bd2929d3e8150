/* The labels of the form's fields, of statuses and of categories. */
#include <string.h>

#include "words.h"

static const struct { const char *code, *text[WORDS_LANGS]; } labels[] = {
	{ "category", { "Jenis", "Category" } },
	{ "who", { "Siapa", "Who" } },
	{ "where", { "Di mana", "Where" } },
	{ "when", { "Kapan", "When" } },
	{ "how", { "Bagaimana caranya", "How" } },
	{ "loss_idr", { "Perkiraan kerugian (rupiah)", "Loss (rupiah)" } },
	{ "known_how", { "Dari mana tahu", "How the source knows" } },
	{ "reported_before", { "Sudah lapor ke tempat lain",
	    "Reported elsewhere" } },
	{ "about_inspectorate", { "Terlapor bekerja di Inspektorat",
	    "The accused works at the Inspectorate" } },
	{ "goodfaith", { "Itikad baik", "Good faith" } },
	{ "name", { "Nama", "Name" } },
	{ "contact", { "Kontak", "Contact" } },
	{ "identity", { "Nama dan kontak", "Name and contact" } },
	{ "status", { "Status", "Status" } },
	{ "reason", { "Alasan", "Reason" } },
	{ "YES", { "Setuju", "Agreed" } },
	{ "NO", { "Tidak setuju", "Did not agree" } },
	{ "RECEIVED", { "Diterima", "Received" } },
	{ "VERIFYING", { "Sedang diverifikasi", "Being verified" } },
	{ "NEED_INFO", { "Menunggu jawaban pelapor",
	    "Waiting for the source" } },
	{ "REVIEW", { "Sedang ditelaah", "Under review" } },
	{ "CLARIFY", { "Sedang diklarifikasi", "Being clarified" } },
	{ "AUDIT", { "Audit investigatif", "Investigative audit" } },
	{ "FOLLOWUP", { "Tindak lanjut", "Follow-up" } },
	{ "CLOSED_PROVEN", { "Selesai: terbukti", "Closed: proven" } },
	{ "CLOSED_UNPROVEN", { "Selesai: tidak terbukti",
	    "Closed: not proven" } },
	{ "REFERRED", { "Diteruskan ke instansi lain", "Referred" } },
	{ "ARCHIVED", { "Tidak dapat ditindaklanjuti", "Archived" } },
	{ "REOPENED", { "Dibuka kembali", "Reopened" } },
	{ "kerugian_negara", { "Kerugian keuangan negara/daerah",
	    "Loss of public money" } },
	{ "suap", { "Suap-menyuap", "Bribery" } },
	{ "penggelapan", { "Penggelapan dalam jabatan", "Embezzlement" } },
	{ "pemerasan", { "Pemerasan", "Extortion" } },
	{ "curang", { "Perbuatan curang", "Fraud" } },
	{ "benturan_pengadaan", { "Benturan kepentingan dalam pengadaan",
	    "Conflict of interest in procurement" } },
	{ "gratifikasi", { "Gratifikasi", "Gratification" } },
	{ "pungli", { "Pungutan liar", "Illegal levies" } },
	{ "wewenang", { "Penyalahgunaan wewenang", "Abuse of power" } },
	{ "kolusi_nepotisme", { "Kolusi atau nepotisme",
	    "Collusion or nepotism" } },
	{ "pengadaan", { "Pengadaan barang/jasa", "Procurement" } },
	{ "jabatan", { "Jual beli jabatan", "Sale of posts" } },
	{ "aset", { "Penyalahgunaan aset/anggaran daerah",
	    "Abuse of public assets" } },
	{ "bansos_hibah", { "Penyelewengan bansos, hibah, dana BOS",
	    "Diversion of social aid or grants" } },
	{ "konflik", { "Benturan kepentingan lain",
	    "Other conflict of interest" } },
	{ "halangi", { "Menghalangi pemeriksaan", "Obstruction" } },
	{ "balasan", { "Pembalasan terhadap pelapor",
	    "Retaliation against a source" } },
	{ "disiplin", { "Pelanggaran disiplin/kode etik ASN",
	    "Breach of staff discipline" } },
	{ "layanan", { "Keluhan layanan (bukan korupsi)",
	    "Complaint about a service" } },
	{ "tidak_yakin", { "Pelapor tidak yakin", "The source is not sure" } },
};

const char *
words_label(enum words_lang l, const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(labels[i].code, code) == 0)
			return labels[i].text[l];
	return code;
}
