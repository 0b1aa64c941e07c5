# A served fake tenant: docker build -t auth0-fake . && docker run --rm -p 8400:8400 auth0-fake
FROM python:3.13-slim

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY auth0_mgmt auth0_mgmt
COPY auth0_mgmt_testing auth0_mgmt_testing
RUN pip install --no-cache-dir ".[testing]" && useradd --create-home fake

USER fake
WORKDIR /home/fake
EXPOSE 8400
HEALTHCHECK --interval=5s --timeout=3s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8400/__fake/health')"]
ENTRYPOINT ["auth0-fake"]
# Published ports reach it as localhost:8400; --allow-host names it in a network of containers.
CMD ["serve", "--host", "0.0.0.0", "--allow-remote", "--domain", "localhost:8400", "--allow-host", "auth0"]
