"""All that knows Streamlit and Starlette, besides the pages."""
