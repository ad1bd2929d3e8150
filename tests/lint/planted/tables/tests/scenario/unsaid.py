import harness


def main(t):
    pass


if __name__ == "__main__":
    harness.run(main)
