// Kit: a node inside the test program: engine, loop on its own thread, a unix socket; and raw connections to
// it.
#ifndef TESTS_NET_KIT_NODE_H
#define TESTS_NET_KIT_NODE_H

#include "engine/engine.h"
#include "tests/unit/kit_dir.h"

typedef struct KitNode KitNode;
#define KIT_NODE_USER     "robot"  // a service account
#define KIT_NODE_PERSON   "tester" // the administrator, who has to answer
#define KIT_NODE_PASSWORD "correct horse 7"
#define KIT_NODE_DATABASE "shop"

// sign_in_s: how long a connection may take to sign in. Ends the program with a sentence when something does
// not work.
KitNode *kit_node_open(unsigned sign_in_s, unsigned connections_max);
void kit_node_close(KitNode *n);
const char *kit_node_socket_directory(const KitNode *n);
// "host=… user=… password=… dbname=…"
const char *kit_node_conninfo(KitNode *n, const char *user);
int kit_node_connect(const KitNode *n); // a raw connection
void kit_node_send(int fd, const void *at, size_t len);
// Reads until the server closes or `len` bytes have come, at most 10 s; returns how many.
size_t kit_node_read(int fd, char *at, size_t len);
// A connection on which robot is signed in, ReadyForQuery read.
int kit_node_sign_in(const KitNode *n);
// Types of the messages that come until ReadyForQuery (included) or the end; *out is NUL-terminated.
void kit_node_types(int fd, char *out, size_t size);
// A message with its length put in.
void kit_node_message(int fd, char type, const void *body, size_t len);

#endif
