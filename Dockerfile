# Concord's image: the web process by default; docker-compose.yml runs the worker from it too.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    REVIEWAPP_DATA_DIR=/data \
    PORT=8000

WORKDIR /concord

# The lock alone first: this layer is built again only when a dependency changes.
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY . .

# Static files are part of the image. The throw-away data folder keeps its secret key out of it.
RUN REVIEWAPP_DATA_DIR=/tmp/build python manage.py collectstatic --no-input \
    && rm -r /tmp/build \
    && useradd --system --uid 10001 --home-dir /data --create-home concord

USER 10001
VOLUME /data
EXPOSE 8000

# Not the worker: it has its own container and its own check.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "tools.health", "web", "database"]

CMD ["gunicorn", "reviewapp.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--keep-alive", "75", "--no-control-socket"]
