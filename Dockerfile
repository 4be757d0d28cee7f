# The image: two stages, one system package set (the same as in bootstrap.sh), no compiler, no secret, no root at run time.
# Rule: everything that changes lives in /data or /keys; the root file system may be read-only.
FROM python:3.13-slim-trixie AS packages
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/stepwell/.venv \
 && /opt/stepwell/.venv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check \
    --only-binary :all: --require-hashes --no-deps -r /tmp/requirements.lock

FROM python:3.13-slim-trixie
RUN apt-get -qq update \
 && apt-get -qq install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 stepwell \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin stepwell \
 && install -d -m 0700 -o 10001 -g 10001 /data /keys
COPY --from=packages /opt/stepwell/.venv /opt/stepwell/.venv
WORKDIR /opt/stepwell
COPY LICENSE ./
COPY schemas/ schemas/
COPY service/ service/
COPY templates/ templates/
# At run time nothing may be written here, and compiling at each start would cost a quarter of a second of every worker.
RUN .venv/bin/python -m compileall -q schemas service
ENV PATH=/opt/stepwell/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STEPWELL_PRODUCTION=true \
    STEPWELL_SECURE_COOKIES=true \
    STEPWELL_HOST=0.0.0.0 \
    STEPWELL_PORT=8765 \
    STEPWELL_DATA_DIR=/data \
    STEPWELL_KEY_FILE=/keys/master.json
USER 10001:10001
VOLUME ["/data", "/keys"]
EXPOSE 8765
STOPSIGNAL SIGTERM
# Asks with a trusted host name, since any other is refused.
HEALTHCHECK --interval=15s --timeout=4s --start-period=30s --retries=4 CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(web.Request('http://127.0.0.1:' + os.environ['STEPWELL_PORT'] + '/healthz', headers={'Host': os.environ['STEPWELL_TRUSTED_HOSTS'].split(',')[0].lstrip('.')}), timeout=3)"]
CMD ["flask", "--app", "service.app", "serve", "--empty"]
