# The studio in a container: docker compose up. What is installed, and how, stands in deploy/install.sh.
FROM python:3.12-slim-trixie AS build
WORKDIR /source
COPY requirements.txt ./
COPY deploy/install.sh deploy/requirements-nvidia.txt deploy/
# deploy/requirements-nvidia.txt adds what an NVIDIA card needs: docker compose up studio-nvidia
ARG REQUIREMENTS=requirements.txt
RUN sh deploy/install.sh packages "$REQUIREMENTS" /opt/colorizer
COPY . .
RUN sh deploy/install.sh program . /opt/colorizer /volumes/data /volumes/models

FROM python:3.12-slim-trixie
COPY --from=build /opt/colorizer /opt/colorizer
COPY --from=build --chown=1000:0 /volumes /
ENV PATH=/opt/colorizer/bin:$PATH \
    API_HOST=0.0.0.0 \
    API_PORT=8501 \
    HOME=/data \
    TMPDIR=/data/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COLORIZER_ALLOWED_FOLDERS=/films \
    COLORIZER_CACHE_DIR=/data/cache \
    COLORIZER_DATA_DIR=/data \
    COLORIZER_MODELS_DIR=/models \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost
# A number needs no account. Any other one will do, docker run --user 2345: its group is then 0, which may write there, too.
USER 1000:1000
WORKDIR /opt/colorizer/studio
# The image is not finished unless everything in it loads. What this machine measured is not for others.
RUN COLORIZER_CACHE_DIR=/tmp/cache colorizer doctor && rm -r /tmp/cache
VOLUME ["/data", "/models"]
EXPOSE 8501
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
    CMD ["python", "-c", "import os, urllib.request as r; port = os.environ.get('STREAMLIT_SERVER_PORT') or os.environ.get('API_PORT') or '8501'; r.urlopen(f'http://127.0.0.1:{port}/_stcore/health', timeout=4)"]
CMD ["sh", "start.sh"]
