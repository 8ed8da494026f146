// NotifyBox: a session's part of LISTEN and NOTIFY: what its transaction has ordered, what it listens to,
// what has come. Relies on base. Nouns: notify
#ifndef ENGINE_DB_NOTIFY_BOX_H
#define ENGINE_DB_NOTIFY_BOX_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "engine/base/thread.h"

enum { NOTIFY_PAYLOAD_MAX = 8000, NOTIFY_WAITING_MAX = 8 << 20 };

// What a transaction has ordered, in its order.
typedef enum NotifyKind { NOTIFY_SEND, NOTIFY_LISTEN, NOTIFY_UNLISTEN, NOTIFY_UNLISTEN_ALL } NotifyKind;
typedef struct NotifyOrder {
    struct NotifyOrder *next;
    NotifyKind kind;
    Str channel, payload;
} NotifyOrder;

typedef struct NotifyBox {
    Mutex lock;    // guards all below
    Map channels;  // that the session listens to
    Bytes waiting; // notifications: number, channel, payload, with their lengths
    size_t read;   // of waiting
    uint64_t lost; // there was no room
    void (*wake)(void *self);
    void *wake_self;
    Arena mem;                  // of orders
    NotifyOrder *first, **last; // of the transaction
} NotifyBox;

void notify_init(NotifyBox *b);
void notify_done(NotifyBox *b);

#endif
