"""The page: derive, mark and exercise in a browser, and the same as an API of JSON.

``chainrule serve`` starts it.  Pages and API ask :mod:`codegen.web.jobs`, plain data in and out, which run in
workers that are killed and replaced; nothing here runs a person's code, reads a person's path or keeps a text.
"""
