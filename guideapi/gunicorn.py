"""Settings of the API server: `gunicorn -c python:guideapi.gunicorn wsgi:app`, the address by `--bind`."""

worker_class = "gthread"
workers = 2
threads = 4
# Requests under way at a stop or a reload may take this long.
graceful_timeout = 30
# It would lie in the home folder, and two servers of one user would fight for it.
control_socket_disable = True
