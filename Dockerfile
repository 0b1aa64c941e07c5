# A served fake tenant: docker build -t auth0-fake . && docker run --rm -p 8400:8400 auth0-fake
FROM python:3.13-slim

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY auth0_mgmt auth0_mgmt
COPY auth0_mgmt_testing auth0_mgmt_testing
RUN pip install --no-cache-dir ".[testing]" \
    && useradd --create-home fake \
    && install --directory --owner=fake --group=fake /data

# State files and the certificate authority. A volume that is created for it belongs to the user, too.
ENV AUTH0_FAKE_HOME=/data
VOLUME /data
WORKDIR /data

# Defaults of `auth0-fake serve`; its options win, and each has such a variable. Published ports reach it
# as localhost:8400; ALLOW_HOST names it in a network of containers.
ENV AUTH0_FAKE_SERVE_HOST=0.0.0.0 \
    AUTH0_FAKE_SERVE_ALLOW_REMOTE=1 \
    AUTH0_FAKE_SERVE_DOMAIN=localhost:8400 \
    AUTH0_FAKE_SERVE_ALLOW_HOST=auth0

USER fake
EXPOSE 8400
HEALTHCHECK --interval=5s --timeout=5s CMD ["auth0-fake", "health"]
ENTRYPOINT ["auth0-fake"]
CMD ["serve"]
