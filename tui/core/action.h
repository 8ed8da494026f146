// Action: everything a person can do, by name. This one list makes the menu bar, the default keys, the
// palette, the help screen and the words of test scripts. Relies on str. Columns: id, name, default keys,
// menu ("" = in no menu; a trailing '|' begins a new group), label with its mnemonic behind '&' ("…" when a
// dialog follows), help in one line.
#ifndef TUI_CORE_ACTION_H
#define TUI_CORE_ACTION_H

#include "engine/base/str.h"

// clang-format off
#define ACTION_LIST(X) \
X(FILE_NEW, "file.new", "C-n", "File", "&New editor", "Open an empty SQL editor in a new tab") \
X(FILE_OPEN, "file.open", "C-o", "File", "&Open…", "Open a .sql file in a new tab") \
X(FILE_SAVE, "file.save", "C-s", "File", "&Save", "Save the editor's text to its file") \
X(FILE_SAVE_AS, "file.save-as", "", "File", "Save &as…", "Save the editor's text to another file") \
X(FILE_CLOSE, "file.close", "C-w", "File", "&Close tab", "Close the tab; asks when it has unsaved text") \
X(FILE_IMPORT, "file.import", "", "File|", "&Import…", "Run a .sql script or dump, or load a .csv file into a table") \
X(FILE_DUMPS, "file.dumps", "", "File", "&Dump browser…", "Look at the dumps that exports wrote") \
X(FILE_SAMPLE, "file.sample", "", "File", "Sa&mple database…", "Load one of the sample databases") \
X(FILE_SIGN_OUT, "file.sign-out", "", "File|", "Sign o&ut", "End the session and go back to the sign-in screen") \
X(FILE_QUIT, "file.quit", "C-q", "File", "&Quit", "Leave d2db; asks when something is unsaved or uncommitted") \
X(EDIT_UNDO, "edit.undo", "C-u M-u", "Edit", "&Undo", "Take back the last change") \
X(EDIT_REDO, "edit.redo", "C-y M-e", "Edit", "&Redo", "Do again what was taken back") \
X(EDIT_CUT, "edit.cut", "C-x", "Edit|", "Cu&t", "Move the selection to the clipboard") \
X(EDIT_COPY, "edit.copy", "M-c C-Ins", "Edit", "&Copy", "Copy the selection, or the cell, to the clipboard") \
X(EDIT_PASTE, "edit.paste", "C-v S-Ins", "Edit", "&Paste", "Insert what was copied") \
X(EDIT_SELECT_ALL, "edit.select-all", "C-a", "Edit", "Select &all", "Select everything in the pane") \
X(EDIT_FIND, "edit.find", "C-f", "Edit|", "&Find…", "Find a text in the editor, the grid or a viewer") \
X(EDIT_FIND_NEXT, "edit.find-next", "F3", "Edit", "Find &next", "Go to the next place found") \
X(EDIT_FIND_PREV, "edit.find-prev", "S-F3 M-n", "Edit", "Find pre&vious", "Go to the place found before") \
X(EDIT_REPLACE, "edit.replace", "M-r", "Edit", "R&eplace…", "Replace a text in the editor") \
X(EDIT_GOTO, "edit.goto", "C-g", "Edit", "&Go to…", "Go to a line of the editor or a row of the grid") \
X(EDIT_COMPLETE, "edit.complete", "F2", "Edit|", "C&omplete", "Offer names and keywords that fit here") \
X(EDIT_COMMENT, "edit.comment", "M-;", "Edit", "Co&mment", "Make the lines comments, or undo that") \
X(EDIT_INDENT, "edit.indent", "", "Edit", "&Indent", "Move the selected lines to the right") \
X(EDIT_OUTDENT, "edit.outdent", "", "Edit", "Out&dent", "Move the selected lines to the left") \
X(VIEW_NEXT_PANE, "view.next-pane", "F6", "View", "&Next pane", "Give the keyboard to the next pane") \
X(VIEW_PREV_PANE, "view.prev-pane", "S-F6 M-o", "View", "&Previous pane", "Give the keyboard to the pane before") \
X(VIEW_TREE, "view.tree", "M-1", "View", "&Schema tree", "Go to the tree of databases and tables") \
X(VIEW_EDITOR, "view.editor", "M-2", "View", "&Editor", "Go to the SQL editor") \
X(VIEW_RESULT, "view.result", "M-3", "View", "&Result", "Go to the result grid") \
X(VIEW_LOG, "view.log", "M-4", "View", "&Log", "Go to the log pane") \
X(VIEW_NEXT_TAB, "view.next-tab", "C-PgDn M-.", "View|", "Next &tab", "Show the pane's next tab") \
X(VIEW_PREV_TAB, "view.prev-tab", "C-PgUp M-,", "View", "Previous ta&b", "Show the pane's tab before") \
X(VIEW_ZOOM, "view.zoom", "M-z", "View", "&Zoom pane", "Give the pane the whole screen, or undo that") \
X(VIEW_GROW, "view.grow", "M-=", "View", "&Grow pane", "Make the pane larger") \
X(VIEW_SHRINK, "view.shrink", "M--", "View", "S&hrink pane", "Make the pane smaller") \
X(VIEW_THEME, "view.theme", "", "View|", "The&me…", "Choose the colours") \
X(VIEW_MOUSE, "view.mouse", "", "View", "Mo&use", "Let d2db or the terminal have the mouse") \
X(VIEW_REDRAW, "view.redraw", "C-l", "View", "Re&draw", "Paint the whole screen again") \
X(QUERY_RUN, "query.run", "F5 M-Enter", "Query", "&Run", "Run the selection, or the statement under the cursor") \
X(QUERY_RUN_ALL, "query.run-all", "S-F5 M-a", "Query", "Run &all", "Run every statement of the editor") \
X(QUERY_STOP, "query.stop", "", "Query", "&Stop", "Stop the running statement (Esc does it too)") \
X(QUERY_EXPLAIN, "query.explain", "M-p", "Query|", "&Explain", "Show the plan of the statement under the cursor") \
X(QUERY_HISTORY, "query.history", "M-h", "Query", "&History…", "Choose from the statements that ran before") \
X(TRANSACTION_BEGIN, "transaction.begin", "F9", "Transaction", "&Begin", "Begin a transaction") \
X(TRANSACTION_COMMIT, "transaction.commit", "F7", "Transaction", "&Commit", "Make the changes of the transaction durable") \
X(TRANSACTION_ROLLBACK, "transaction.rollback", "F8", "Transaction", "&Roll back", "Forget the changes of the transaction") \
X(TRANSACTION_ISOLATION, "transaction.isolation", "", "Transaction|", "&Isolation…", "Choose the isolation level") \
X(TRANSACTION_LOG, "transaction.log", "", "Transaction", "&Event log", "Follow the event log while the transaction is open") \
X(DATA_USE, "data.use", "", "Data", "&Use database…", "Choose the database that statements work on") \
X(DATA_CREATE_DATABASE, "data.create-database", "", "Data", "Create &database…", "Make an empty database") \
X(DATA_DROP_DATABASE, "data.drop-database", "", "Data", "Dro&p database…", "Remove a database with all its tables") \
X(DATA_CREATE_TABLE, "data.create-table", "", "Data|", "Create &table…", "Make a table: columns, types, keys") \
X(DATA_DROP_TABLE, "data.drop-table", "", "Data", "Drop tab&le…", "Remove the table") \
X(DATA_DESCRIBE, "data.describe", "", "Data", "De&scribe", "Show the columns and keys of the table") \
X(DATA_BROWSE, "data.browse", "", "Data|", "&Browse rows", "Show the rows of the table") \
X(DATA_INSERT, "data.insert", "", "Data", "&Insert row…", "Fill in a form and insert the row") \
X(DATA_UPDATE, "data.update", "", "Data", "&Edit row…", "Change the row in a form") \
X(DATA_DELETE, "data.delete", "", "Data", "Delete ro&w…", "Delete the row, after asking") \
X(DATA_VALUE, "data.value", "F4", "Data|", "Full &value", "Show the whole value of the cell") \
X(DATA_REFRESH, "data.refresh", "C-r", "Data", "&Refresh", "Read again what the pane shows") \
X(MODEL_DIAGRAM, "model.diagram", "M-m", "Model", "&Diagram", "Draw tables and relationships of the database") \
X(MODEL_TEXT, "model.text", "", "Model", "&Text", "List tables, keys, relationships and cardinalities") \
X(MODEL_WRITE, "model.write", "", "Model|", "&Write to file…", "Write the data model to a file") \
X(EXPORT_DATABASE, "export.database", "", "Export", "&Database…", "Write structure and values of a database as standard SQL") \
X(EXPORT_RESULT, "export.result", "", "Export", "&Result…", "Write the result to a file: CSV, TSV, JSON or SQL") \
X(ANALYTICS_QUERIES, "analytics.queries", "", "Analytics", "&Queries", "Count queries by user, database and node") \
X(ANALYTICS_UPDATES, "analytics.updates", "", "Analytics", "&Updates", "Count update operations by table of a database") \
X(ANALYTICS_ACTIVITY, "analytics.activity", "", "Analytics", "&Activity", "Draw statements per minute") \
X(ANALYTICS_WRITE, "analytics.write", "", "Analytics|", "&Write reports", "Write the counts to the reports folder") \
X(LOGS_EVENT, "logs.event", "", "Logs", "&Event log", "Follow changes, transactions, sign-ins and recovery") \
X(LOGS_QUERY, "logs.query", "", "Logs", "&Query log", "Follow who ran what, when and how long") \
X(LOGS_GENERAL, "logs.general", "", "Logs", "&General log", "Follow execution times and the state of the database") \
X(LOGS_FOLLOW, "logs.follow", "M-f", "Logs|", "&Follow", "Let the log pane follow the end, or stand still") \
X(LOGS_FILTER, "logs.filter", "", "Logs", "F&ilter…", "Show only the lines that hold a word") \
X(ADMIN_USERS, "admin.users", "", "Admin", "&Users", "List users, roles and their last sign-in") \
X(ADMIN_ADD_USER, "admin.add-user", "", "Admin", "&Add user…", "Register another user") \
X(ADMIN_CHECKPOINT, "admin.checkpoint", "", "Admin|", "&Checkpoint", "Write changed tables to their files now") \
X(ADMIN_SETTINGS, "admin.settings", "", "Admin", "&Settings", "Show the settings of the session") \
X(HELP_KEYS, "help.keys", "F1", "Help", "&Keys and actions", "Every action with its keys") \
X(HELP_PALETTE, "help.palette", "C-p M-x", "Help", "Command &palette…", "Find an action by typing some of its letters") \
X(HELP_MENU, "help.menu", "F10", "Help", "&Menu bar", "Open the menu bar") \
X(HELP_SQL, "help.sql", "", "Help", "&SQL statements", "The statements that d2db knows") \
X(HELP_ABOUT, "help.about", "", "Help|", "&About d2db", "Version, data directory, licence") \
X(UP, "move.up", "Up", "", "Up", "One line up") \
X(DOWN, "move.down", "Down", "", "Down", "One line down") \
X(LEFT, "move.left", "Left", "", "Left", "One step to the left") \
X(RIGHT, "move.right", "Right", "", "Right", "One step to the right") \
X(PAGE_UP, "move.page-up", "PgUp", "", "Page up", "One page up") \
X(PAGE_DOWN, "move.page-down", "PgDn", "", "Page down", "One page down") \
X(HOME, "move.home", "Home", "", "Home", "To the start of the line, or the first column") \
X(END, "move.end", "End", "", "End", "To the end of the line, or the last column") \
X(TOP, "move.top", "C-Home M-<", "", "Top", "To the very start") \
X(BOTTOM, "move.bottom", "C-End M->", "", "Bottom", "To the very end") \
X(WORD_LEFT, "move.word-left", "C-Left M-b", "", "Word left", "To the start of the word before") \
X(WORD_RIGHT, "move.word-right", "C-Right M-w", "", "Word right", "To the start of the next word") \
X(SELECT_UP, "select.up", "S-Up", "", "Select up", "Extend the selection one line up") \
X(SELECT_DOWN, "select.down", "S-Down", "", "Select down", "Extend the selection one line down") \
X(SELECT_LEFT, "select.left", "S-Left", "", "Select left", "Extend the selection to the left") \
X(SELECT_RIGHT, "select.right", "S-Right", "", "Select right", "Extend the selection to the right") \
X(SELECT_HOME, "select.home", "S-Home", "", "Select to home", "Extend the selection to the start of the line") \
X(SELECT_END, "select.end", "S-End", "", "Select to end", "Extend the selection to the end of the line") \
X(SELECT_PAGE_UP, "select.page-up", "S-PgUp", "", "Select page up", "Extend the selection one page up") \
X(SELECT_PAGE_DOWN, "select.page-down", "S-PgDn", "", "Select page down", "Extend the selection one page down") \
X(SELECT_MARK, "select.mark", "M-Space", "", "Mark", "Begin or end a selection with the arrow keys") \
X(ENTER, "enter", "Enter C-j", "", "Enter", "Open, accept, or a new line in an editor") \
X(CANCEL, "cancel", "Esc", "", "Cancel", "Close, go back, or stop the running statement") \
X(NEXT, "next", "Tab", "", "Next", "The next field; in an editor, indent") \
X(PREV, "prev", "S-Tab", "", "Previous", "The field before; in an editor, outdent") \
X(DELETE, "delete", "Del C-d", "", "Delete", "Delete the character under the cursor") \
X(BACKSPACE, "backspace", "Backspace", "", "Backspace", "Delete the character before the cursor") \
X(DELETE_WORD, "delete.word", "M-d C-Del", "", "Delete word", "Delete up to the end of the word") \
X(BACKSPACE_WORD, "delete.word-back", "M-Backspace", "", "Delete word back", "Delete back to the start of the word") \
X(DELETE_LINE, "delete.line", "C-k", "", "Delete line", "Delete the line, or its rest") \
X(INTERRUPT, "interrupt", "C-c", "", "Interrupt", "Stop the running statement; when nothing runs, leave d2db") \
X(SUSPEND, "suspend", "C-z", "", "Suspend", "Put d2db in the background; fg brings it back")
// clang-format on

typedef enum Action {
    ACTION_NONE,
#define X(id, name, keys, menu, label, help) ACTION_##id,
    ACTION_LIST(X)
#undef X
        ACTION_COUNT
} Action;

typedef struct ActionInfo {
    const char *name, *keys, *menu, *label, *help;
} ActionInfo;

const ActionInfo *action_info(Action a); // never NULL; empty texts for ACTION_NONE
Action action_find(Str name);            // ACTION_NONE when there is none
// The label without '&' and "…" kept; out holds `size` bytes; returns out.
const char *action_label(Action a, char *out, size_t size);
// The menu's name without the group sign; *group_begins tells it.
Str action_menu(Action a, bool *group_begins);

#endif
