# Install rules and the package other projects find_package(Sevenfold) with.
