#ifndef PAD_H
#define PAD_H
#include <stddef.h>
#include <stdint.h>

#define PAD_MANIFEST_STEP	16384u
#define PAD_FILE_MIN		65536u
#define PAD_FILE_MAX		(UINT64_C(1) << 62)

/*
 * pad_manifest(len): the next multiple of 16 KiB, at least one.
 * Fails: 0 if there is none.
 */
size_t pad_manifest(size_t len);
/*
 * pad_file(len): the Padme size (Nikitin et al., PETS 2019, section 4) of an
 * attachment of ${len} bytes, at least PAD_FILE_MIN, never below ${len}.
 * Fails: 0 if ${len} is above PAD_FILE_MAX.
 */
uint64_t pad_file(uint64_t len);

#endif
