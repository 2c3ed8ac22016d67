# shellcheck shell=sh
# A studio that strangers share: small films, no path on this machine, nothing kept for long. A variable that is
# set in the Space's own settings wins.
export COLORIZER_ALLOWED_FOLDERS=""
export COLORIZER_MAX_MEGAPIXELS="${COLORIZER_MAX_MEGAPIXELS:-24}"
export COLORIZER_QUEUE="${COLORIZER_QUEUE:-5}"
export COLORIZER_QUOTA_GB="${COLORIZER_QUOTA_GB:-4}"
export COLORIZER_SHARED=1
export COLORIZER_WORKERS="${COLORIZER_WORKERS:-1}"
export MAX_UPLOAD_MB="${MAX_UPLOAD_MB:-100}"
export MAX_VIDEO_FRAMES="${MAX_VIDEO_FRAMES:-750}"
export STREAMLIT_SERVER_MAX_UPLOAD_SIZE="${STREAMLIT_SERVER_MAX_UPLOAD_SIZE:-25}"
# The Space is shown in a frame of huggingface.co, where Streamlit's cookie does not come back.
export COLORIZER_FRAMED_BY="${COLORIZER_FRAMED_BY:-https://huggingface.co}"
export STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION=false
# It may have a domain of its own; and no name leads a stranger's page to more here than the open door does.
export STREAMLIT_SERVER_ALLOWED_HOSTS="*"
# Nothing is kept from one start to the next, not even where the Space was given storage.
rm -rf "${COLORIZER_DATA_DIR:?}"/*
