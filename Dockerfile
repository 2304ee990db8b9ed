# The app, on any machine with a container engine: docker build -t tiny-model . && docker run -p 8501:8501 tiny-model
# docs/hosting.md says more.
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 app
WORKDIR /app
COPY requirements.txt .
# The CPU build of torch: the one that a plain install brings holds gigabytes for GPUs.
RUN pip install --no-cache-dir torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu \
    && pip install --no-cache-dir -r requirements.txt
COPY streamlit_app.py LICENSE README.md ./
COPY .streamlit .streamlit
COPY trm_core trm_core
COPY pages pages
COPY assets assets
COPY checkpoints checkpoints
RUN python -m compileall -q trm_core pages

# All that is written lies below one folder: trainings, models that visitors open, what numba compiled.
ENV TMPDIR=/data NUMBA_CACHE_DIR=/data/numba PYTHONUNBUFFERED=1
RUN mkdir /data && chown app /data
USER app
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=10)"
CMD ["streamlit", "run", "streamlit_app.py", "--server.port", "8501", "--server.address", "0.0.0.0"]
