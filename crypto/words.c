/*
 * The words of the receipt: Indonesian, 4 to 7 letters, sorted, told apart
 * by their first four letters, at least two edits from one another.  Their
 * order is part of the format: a receipt is nine numbers into this list.
 */
#include <assert.h>
#include <string.h>

#include "receipt.h"

#define WORD_MIN	4
#define WORD_MAX	7

static const char list[RECEIPT_LIST][WORD_MAX + 1] = {
	"abdi", "abjad", "acara", "adegan", "adil", "adonan", "agen", "ajaib",
	"akar", "akhir", "akrab", "aksara", "aksi", "aktor", "alamat", "alat",
	"aljabar", "alur", "amanah", "ambang", "ambil", "ampun", "anak", "aneh",
	"aneka", "anggur", "angin", "angkat", "angsa", "antar", "apel", "arah",
	"arsip", "artis", "arus", "asam", "asin", "asli", "asmara", "aspal",
	"asrama", "asuh", "atap", "atlas", "atlet", "atraksi", "aturan", "awal",
	"awet", "babak", "bacaan", "badan", "bagasi", "bagi", "bagus", "bahasa",
	"bahu", "baja", "bakau", "bakso", "balai", "balet", "baling", "balok",
	"bandar", "bangun", "banjir", "bantuan", "banyak", "baris", "basah",
	"batas", "baterai", "batik", "bawang", "beban", "bebek", "becak",
	"bedah", "bekal", "beku", "belajar", "belia", "belukar", "bengkel",
	"benih", "bensin", "bentuk", "benua", "berani", "berita", "berkas",
	"bermain", "bersih", "beruang", "besi", "besok", "beton", "betul",
	"biasa", "bibir", "bicara", "bijak", "biji", "bilah", "bilik",
	"bincang", "bingkai", "biologi", "bioskop", "biru", "bisnis", "bobot",
	"bocah", "boneka", "botani", "botol", "budaya", "budi", "bukan",
	"bukit", "bulat", "bumbu", "bunga", "bunyi", "burung", "busana",
	"busur", "butir", "cabang", "cacing", "cahaya", "cakap", "cakram",
	"calon", "campur", "cangkir", "cantik", "cari", "catur", "cawan",
	"celana", "cemara", "cepat", "cerah", "cerdas", "ceria", "cermin",
	"cincin", "cipta", "coba", "cocok", "cokelat", "contoh", "corak",
	"cuaca", "cukai", "cukup", "curam", "cuti", "dada", "daerah", "daftar",
	"daging", "dahi", "dalang", "damai", "dampak", "danau", "dangdut",
	"dapur", "darat", "darurat", "dasar", "dataran", "daun", "dayung",
	"debit", "debu", "dekade", "delima", "demo", "dengar", "derajat",
	"deret", "dermaga", "desa", "detik", "dewasa", "dewi", "dialog", "diam",
	"didik", "digit", "dinas", "dinding", "dingin", "diri", "diskusi",
	"distrik", "dokter", "dokumen", "dominan", "dongeng", "dorong", "dosen",
	"duduk", "dukung", "dunia", "durasi", "durian", "edisi", "efek",
	"ejaan", "ekologi", "ekonomi", "eksotis", "ekspor", "ekstra", "elastis",
	"emas", "encer", "energi", "entah", "enzim", "erat", "esai", "etika",
	"etnik", "fajar", "fakta", "favorit", "fiksi", "fisik", "flora",
	"fokus", "fondasi", "format", "fosil", "fungsi", "futsal", "gadis",
	"gagak", "gajah", "gaji", "galeri", "gambar", "gamelan", "gampang",
	"gandum", "ganjil", "ganti", "gapura", "garam", "garuda", "gatal",
	"gaya", "gedung", "gelap", "gemar", "gembira", "gempa", "gemuk",
	"gendang", "genggam", "gerai", "gerbang", "gerhana", "gerobak", "geser",
	"gigih", "ginjal", "gitar", "gizi", "global", "goreng", "grafik",
	"gubuk", "gudang", "gugus", "gunung", "gurih", "guru", "habis",
	"hadiah", "halaman", "halus", "hampir", "hangat", "harap", "harimau",
	"hasil", "hasrat", "hasta", "hati", "hawa", "hektar", "helai", "helm",
	"hemat", "hewan", "hias", "hibah", "hidup", "hijau", "hikayat",
	"hikmah", "hilir", "hitam", "hitung", "hobi", "hulu", "huruf", "hutan",
	"ibunda", "identik", "ijazah", "ikatan", "iklan", "iklim", "ikut",
	"ilmu", "impian", "impor", "indeks", "indra", "induk", "ingat",
	"inovasi", "insan", "inti", "ipar", "irigasi", "irisan", "istana",
	"istri", "izin", "jabat", "jadwal", "jaga", "jagung", "jahe", "jalan",
	"jamak", "jamu", "janji", "jantung", "jaring", "jarum", "jatah", "jauh",
	"jawab", "jeda", "jelajah", "jendela", "jenis", "jerami", "jernih",
	"jeruk", "jilid", "jinak", "jingga", "jual", "juara", "jubah", "judul",
	"jujur", "jumlah", "jumpa", "jurang", "jurnal", "jurus", "juta",
	"kabel", "kabin", "kabut", "kaca", "kafe", "kaisar", "kakak", "kaki",
	"kaldu", "kaleng", "kamar", "kambing", "kamera", "kampung", "kamus",
	"kanal", "kandang", "kantor", "kapsul", "karate", "karet", "karier",
	"kartu", "karya", "kasih", "katalog", "kaum", "kawah", "kayu", "kebun",
	"kecap", "kecil", "kedai", "kedelai", "keju", "kelapa", "kelinci",
	"kelola", "keluar", "kemah", "kembali", "kemeja", "kemudi", "kencang",
	"kendali", "kental", "kepala", "keping", "keramik", "kerbau", "kereta",
	"keris", "kerja", "kertas", "kerucut", "kesan", "ketat", "khas",
	"khusus", "kimia", "kini", "kipas", "kiper", "kisah", "kitab", "klasik",
	"klinik", "klub", "kode", "kodok", "koin", "kokoh", "koleksi", "kolom",
	"komedi", "komik", "kompas", "konser", "kontak", "kopi", "kopling",
	"kosong", "kreasi", "krim", "kristal", "kuadrat", "kuah", "kuda",
	"kuis", "kuku", "kulit", "kumbang", "kunci", "kuning", "kunjung",
	"kuno", "kuota", "kurma", "kursi", "kutub", "labu", "lahan", "lahir",
	"lakon", "lambat", "lampau", "lancar", "landas", "langit", "lanjut",
	"lantai", "lapang", "lapis", "laras", "larut", "latih", "lauk",
	"layanan", "lebat", "lebih", "lega", "legenda", "leher", "lelang",
	"leluasa", "lemari", "lembah", "lengkap", "lensa", "lepas", "lereng",
	"lestari", "letak", "liburan", "lidah", "lihat", "lilin", "lincah",
	"lindung", "lingkup", "lintas", "lirik", "lisan", "liter", "logam",
	"logika", "lokasi", "lomba", "lompat", "lonceng", "longgar", "lontar",
	"luas", "lubang", "lucu", "luhur", "lukisan", "lulus", "lumbung",
	"lumpur", "lunak", "lurah", "lutut", "maaf", "macan", "magma",
	"mahkota", "mainan", "majalah", "majikan", "maju", "makanan", "makmur",
	"makna", "maksud", "malam", "mampu", "mandiri", "mangkuk", "manis",
	"mantel", "maraton", "marga", "marmer", "masuk", "matang", "medali",
	"meja", "mekar", "melati", "melodi", "menara", "menit", "menteri",
	"merdeka", "merek", "meriah", "merpati", "mesin", "mewah", "migrasi",
	"mikro", "mimbar", "mimpi", "minat", "mineral", "minggu", "minum",
	"minyak", "miring", "misal", "misi", "mitos", "mobil", "modal",
	"modern", "momen", "monumen", "moyang", "muatan", "mudah", "muka",
	"mulia", "mulut", "muncul", "murid", "murni", "musim", "mutasi",
	"mutiara", "mutu", "naik", "nama", "narasi", "nasib", "naskah",
	"negara", "nelayan", "nenek", "netral", "niaga", "niat", "nikel",
	"nikmat", "nilai", "nomor", "notaris", "nuansa", "nusa", "nyaman",
	"nyata", "obat", "objek", "obor", "oksigen", "olah", "ombak", "opini",
	"opsi", "optik", "oranye", "orkes", "otak", "otonom", "otot", "pabrik",
	"pacu", "padat", "padi", "pagar", "paham", "pajak", "pakai", "paket",
	"palem", "panas", "panci", "pandai", "panen", "pangkal", "panitia",
	"panjat", "pantun", "papan", "parit", "pasang", "pasir", "pasti",
	"patroli", "patuh", "pedas", "pedoman", "peduli", "pegawai", "pekan",
	"pelatih", "pelita", "pelopor", "pelukis", "pemandu", "pemuda",
	"pendek", "penguin", "penjaga", "pensil", "penting", "penuh", "penyu",
	"pepaya", "perak", "percaya", "perdana", "pergi", "perisai", "perlu",
	"permen", "pernah", "pertama", "perut", "pesawat", "pesisir", "pesona",
	"pesta", "petani", "petir", "piagam", "piala", "pihak", "pikir",
	"pilih", "pinang", "pindah", "pinggir", "pintu", "plastik", "pohon",
	"pokok", "pola", "polos", "pondok", "porsi", "posisi", "potensi",
	"potong", "potret", "praktik", "pramuka", "prangko", "presisi",
	"pribadi", "produk", "profil", "proses", "proyek", "puisi", "pulau",
	"puncak", "punya", "pupuk", "pustaka", "putaran", "putih", "putri",
	"radius", "ragam", "rahang", "raih", "rajin", "rakyat", "rambut",
	"ramping", "rantau", "rapat", "rapi", "rasa", "ratu", "reaksi", "rebus",
	"regu", "rekor", "relawan", "remaja", "rempah", "rencana", "resep",
	"resmi", "restu", "reuni", "rezeki", "ribuan", "rinci", "ringan",
	"ritme", "riwayat", "roda", "roman", "rotasi", "roti", "ruang",
	"rujukan", "rukun", "rumah", "rumput", "rumus", "rupiah", "rutin",
	"sabar", "sabit", "sabun", "sahabat", "sains", "sajian", "sakti",
	"salin", "salju", "saluran", "sambal", "sampai", "samudra", "sandi",
	"sanggup", "santan", "sapu", "sarang", "sarjana", "satelit", "satwa",
	"saudara", "sayap", "sayur", "sebab", "sedan", "segar", "segera",
	"sehat", "sejarah", "sejuk", "sekolah", "selatan", "selesai", "semoga",
	"semut", "senang", "sendok", "seni", "senja", "sentral", "sepakat",
	"sepeda", "serambi", "serbuk", "serius", "sesuai", "setia", "setuju",
	"siap", "siaran", "siasat", "sibuk", "sifat", "siklus", "siku",
	"silang", "simbol", "simpati", "sinar", "singkat", "sinonim", "siput",
	"sirip", "sirkus", "sistem", "siswa", "situs", "skala", "skema",
	"sketsa", "skor", "soal", "solusi", "sopan", "sore", "sosial", "soto",
	"stadion", "stasiun", "status", "stok", "studio", "suaka", "suami",
	"suasana", "subur", "sudut", "suhu", "sukses", "suling", "sumber",
	"sungai", "surya", "susun", "sutra", "swadaya", "swasta", "syair",
	"syarat", "syukur", "taat", "tahap", "tahun", "tajam", "tajuk",
	"talenta", "tambah", "tampil", "tanah", "tanggal", "tani", "tanjung",
	"tanya", "tapak", "tarian", "tawar", "tawon", "teater", "tebal",
	"tebing", "tegak", "tekad", "teknik", "tekstil", "telepon", "telinga",
	"teluk", "teman", "tembok", "tempat", "temu", "tenaga", "tenda",
	"tengah", "tentu", "tenun", "teori", "tepi", "tepung", "terang",
	"terbit", "terima", "terjun", "ternak", "terusan", "tetap", "tiang",
	"tiba", "tidur", "tikar", "tiket", "timah", "timbul", "tindak",
	"tinggi", "tipis", "tirai", "tiup", "toko", "tolong", "tomat", "tombol",
	"tongkat", "topeng", "tradisi", "traktor", "transit", "trem", "trofi",
	"tugas", "tugu", "tujuan", "tukang", "tulis", "tumbuh", "tunai",
	"tunduk", "tunggu", "tuntas", "turbin", "turun", "tutup", "ubin",
	"udara", "ujar", "ujian", "ujung", "ukiran", "ukur", "ulang", "umbi",
	"umpan", "umum", "undang", "undian", "unggul", "ungu", "unik", "unjuk",
	"unsur", "unta", "untung", "upacara", "upah", "upaya", "urutan",
	"usaha", "usia", "usul", "utama", "utuh", "utusan", "vaksin", "variasi",
	"vektor", "versi", "vila", "vitamin", "vokal", "voli", "wadah", "waduk",
	"wahana", "wakil", "waktu", "wali", "wangi", "warisan", "warna",
	"warung", "wasit", "watak", "wawasan", "wayang", "wilayah", "wisata",
	"wisuda", "wolfram", "wortel", "wujud", "yakin", "yayasan", "zaitun",
	"zaman",
};

const char *
word_text(unsigned i)
{
	assert(i < RECEIPT_LIST);
	return list[i];
}

int
word_find(const char *p, size_t n)
{
	char word[WORD_MAX + 1] = "";
	size_t i, low = 0, high = RECEIPT_LIST, mid;
	int found = -1, c;

	if (n < WORD_MIN || n > WORD_MAX)
		return -1;
	for (i = 0; i < n; i++)
		word[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 :
		    p[i]);

	/* The first four letters decide; the rest is there or must fit. */
	while (low < high) {
		mid = low + (high - low) / 2;
		c = memcmp(word, list[mid], WORD_MIN);
		if (c == 0) {
			if (n == WORD_MIN || (n == strlen(list[mid]) &&
			    memcmp(word, list[mid], n) == 0))
				found = (int)mid;
			break;
		}
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	wipe(word, sizeof(word));
	return found;
}
