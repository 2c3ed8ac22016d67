# Where the studio listens: API_HOST and API_PORT, unless Streamlit's own variables say it. For `make studio` and start.sh.
address=${STREAMLIT_SERVER_ADDRESS:-${API_HOST:-}}
port=${STREAMLIT_SERVER_PORT:-${API_PORT:-}}
if [ -n "$address" ]; then export STREAMLIT_SERVER_ADDRESS="$address"; fi
if [ -n "$port" ]; then export STREAMLIT_SERVER_PORT="$port"; fi
unset address port
