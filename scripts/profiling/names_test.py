"""Tests of names.py."""

import unittest

import support  # noqa: F401  (finds the package)
from profiling import names

SUBJECT = "headroom::subject_of<headroom::dag_bench::graph_input, headroom::dag_bench::ours::build>::run"


class NamesTest(unittest.TestCase):
    def test_base(self):
        cases = {
            "main": "main", "_start": "_start", "": "",
            "engine::dag::builder::build(std::span<int const, 4ul>, engine::dag::graph&)": "engine::dag::builder::build",
            "void sort<false>(int*, int*)": "sort<false>",
            "std::vector<int, std::allocator<int> > make<int>(int) const": "make<int>",
            f"{SUBJECT}(unsigned long)": SUBJECT,
            "a::(anonymous namespace)::f<b::(anonymous namespace)::c>(int)":
                "a::(anonymous namespace)::f<b::(anonymous namespace)::c>",
            "f(int)::{lambda(char)#1}::operator()(char) const": "f::{lambda(char)#1}::operator()",
            "f(int) const::{lambda()#2}::operator()() const": "f::{lambda()#2}::operator()",
            "operator new(unsigned long)": "operator new", "operator delete[](void*)": "operator delete[]",
            "a::operator<(a const&, a const&)": "a::operator<", "bool operator< <int>(int)": "operator<<int>",
            "a::operator->() const": "a::operator->", "a::operator<=>(a const&) const": "a::operator<=>",
            "a::operator bool() const": "a::operator bool", "x::operator[](unsigned long)": "x::operator[]",
            "grow(int) [clone .isra.0]": "grow", "grow.constprop.0": "grow", "name[abi:cxx11](int)": "name",
            "std::function<void (int, char)>::operator()(int, char) const":
                "std::function<void (int, char)>::operator()",
            "__libc_start_main@@GLIBC_2.34": "__libc_start_main", "[unknown]": "[unknown]",
            "non-virtual thunk to a::b::f(int)": "a::b::f"}
        for name, expected in cases.items():
            with self.subTest(name):
                self.assertEqual(names.base(name), expected)

    def test_short(self):
        cases = {
            f"{SUBJECT}(unsigned long)": "headroom::subject_of<…>::run", "f<false>(int)": "f<false>",
            "a::(anonymous namespace)::f(int)": "a::f", "a::operator<(a const&)": "a::operator<",
            "f(std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >)": "f",
            "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::append(char const*)":
                "std::string::append",
            "std::basic_string_view<char, std::char_traits<char> >::find(char) const": "std::string_view::find",
            "a<b<c<d, e, f, g, h, i> > >::x<1>::y()": "a<…>::x<1>::y", "[libre2.so.9]": "[libre2.so.9]"}
        for name, expected in cases.items():
            with self.subTest(name):
                self.assertEqual(names.short(name), expected)

    def test_label(self):
        cases = {
            "engine::dag::internal::name_table::read(int)": "name_table::read", "main": "main", "a::b": "a::b",
            "headroom::subject_of<a::b, c::d>::run": "subject_of<a::b, c::d>::run", "": "",
            "a::b::f(int)::{lambda(char)#1}::operator()(char) const": "f::{lambda(char)#1}::operator()",
            "a::b::operator<(a const&)": "b::operator<", "[libre2.so.9]": "[libre2.so.9]"}
        for name, expected in cases.items():
            with self.subTest(name):
                self.assertEqual(names.label(name), expected)

    def test_broken_names_stay_as_they_are(self):
        for name in ("a<b", "f(int", ")", ">", "a>b", "::", "operator", "operator()", "{lambda", "(anonymous namespace)",
                     " "):
            with self.subTest(name):
                names.base(name)
                names.label(name)
                self.assertIsInstance(names.short(name), str)
        self.assertEqual(names.short("a<b"), "a<b")

    def test_helpers(self):
        for name in ("std::vector<int>::size() const", "void std::swap<int>(int&, int&)", "operator new(unsigned long)"):
            self.assertTrue(names.is_helper(name), name)
        for name in ("engine::dag::f(std::vector<int>)", "stdlib", "main"):
            self.assertFalse(names.is_helper(name), name)


if __name__ == "__main__":
    unittest.main()
