// Labels: what the places of enums are called, for whoever writes values as text. A place is never given
// another meaning, so a reader needs the place only; the label stands there for people. Relies on store_in,
// codec. Nouns: labels, label
#ifndef ENGINE_STORE_LABEL_IN_H
#define ENGINE_STORE_LABEL_IN_H

#include "engine/store/codec.h"
#include "engine/store/schema.h"
#include "engine/store/store_in.h"

// Takes over the labels of an enum's definition (others are passed over).
void labels_learn(Store *s, const ObjectDef *def);
// As codec_put, for enums with the label before the place.
void label_put(Store *s, Bytes *out, Type type, const void *cell);
// As codec_put_run.
void label_put_run(Store *s, Bytes *out, Type type, const void *cells, const uint64_t *nulls, uint32_t first,
                   uint32_t count, char ending);

#endif
