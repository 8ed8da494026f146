// Tree: opening, loading when first opened, going up, finding, drawing.
#include "tests/tui/kit_golden.h"
#include "tui/widget/tree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static TreeNode *branch(Tree *t, TreeNode *parent, const char *label, const char *detail)
{
    return tree_add(
        t, parent,
        &(TreeNode){.label = str_of(label), .key = str_of(label), .detail = str_of(detail), .branch = true});
}

static void school(Tree *t)
{
    TreeNode *vm1 = branch(t, NULL, "vm1  school", "");
    branch(t, NULL, "vm2  library", "remote");
    TreeNode *tables = branch(t, vm1, "tables", "9");
    branch(t, tables, "course", "420");
    TreeNode *student = branch(t, tables, "student", "30.0k");
    tree_add(
        t, student,
        &(TreeNode){
            .label = STR("student_id"), .detail = STR("int"), .sign = 0x25C6, .sign_style = STYLE_KEY_GLYPH});
    tree_add(
        t, student,
        &(TreeNode){.label = STR("full_name"), .detail = STR("text"), .sign = 0xB7, .sign_style = STYLE_DIM});
    tree_add(
        t, student,
        &(TreeNode){.label = STR("department_id of a very long name"), .detail = STR("int"), .sign = 0x2197});
    vm1->open = vm1->loaded = tables->open = tables->loaded = student->open = student->loaded = true;
    tree_changed(t);
}

static void drawing(void **state)
{
    (void)state;
    Tree t;
    Surface s;
    surface_init(&s, 26, 9, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    tree_init(&t);
    school(&t);
    tree_place(&t, 26, 9);
    TreeNode *load;
    tree_act(&t, ACTION_DOWN, &load);
    tree_act(&t, ACTION_DOWN, &load);
    tree_act(&t, ACTION_RIGHT, &load);
    tree_draw(&t, &c, true);
    kit_golden_check(&s, "tree");
    tree_done(&t);
    surface_done(&s);
}

static void loading(void **state)
{
    (void)state;
    Tree t;
    TreeNode *load;
    tree_init(&t);
    school(&t);
    tree_place(&t, 26, 20);
    assert_true(tree_find(&t, STR("COURSE"), false));
    TreeNode *course = tree_at(&t);
    assert_true(tree_act(&t, ACTION_ENTER, &load));
    assert_ptr_equal(load, course);
    assert_true(course->loading);
    assert_true(tree_act(&t, ACTION_ENTER, &load) && load == NULL); // closed
    assert_true(tree_act(&t, ACTION_ENTER, &load) && load == NULL); // open, but asked for only once
    tree_add(&t, course, &(TreeNode){.label = STR("course_id")});
    tree_loaded(&t, course);
    assert_ptr_equal(tree_at(&t), course);
    assert_true(tree_act(&t, ACTION_RIGHT, &load));
    assert_true(str_equal(tree_at(&t)->label, STR("course_id")));
    tree_remove_children(&t, course); // the cursor goes up
    assert_ptr_equal(tree_at(&t), course);
    assert_true(tree_act(&t, ACTION_LEFT, &load) && tree_act(&t, ACTION_LEFT, &load));
    assert_true(str_equal(tree_at(&t)->label, STR("tables")));
    TreeNode *vm1 = t.root.child;
    assert_true(tree_find(&t, STR("full"), false));
    tree_open(&t, vm1, false, &load); // what held the cursor is hidden
    assert_ptr_equal(tree_at(&t), vm1);
    assert_int_equal(t.rows, 2);
    assert_false(tree_find(&t, STR("nobody"), true));
    tree_goto(&t, vm1->child->child);
    assert_true(vm1->open);
    bool chosen;
    assert_true(tree_mouse(&t, &(Mouse){.kind = MOUSE_PRESS, .x = 1, .y = 0, .button = 1}, &load, &chosen));
    assert_false(vm1->open);
    tree_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(drawing), cmocka_unit_test(loading)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
