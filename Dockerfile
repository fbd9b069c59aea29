# One image for one process or many. Build with: docker build --tag teams-campaigns .
# It installs exactly the packages of requirements.lock, with hashes.
FROM python:3.11-slim AS build
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --disable-pip-version-check --no-cache-dir --require-hashes \
        -r requirements.lock

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home bot && install -d -o bot /data
COPY --from=build /venv /venv
WORKDIR /app
COPY app.py ./
COPY bot bot
COPY campaigns campaigns
COPY cards cards
COPY delivery delivery
COPY dialogs dialogs
COPY settings settings
COPY storage storage
COPY teams teams
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=3978 STORE=tinydb:/data
USER bot
EXPOSE 3978
VOLUME /data
# SIGTERM, which stops a container, ends the bot gracefully. Give it 30 seconds.
HEALTHCHECK --interval=10s --timeout=3s --start-period=70s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=2)"]
CMD ["python", "app.py"]
