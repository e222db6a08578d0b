"""Every container of this host, as the Docker API tells of it through a read-only proxy."""
